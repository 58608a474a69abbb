package org.dflib.jjava.jupyter.kernel.display.mime;

/** A stand-in with the part of JJava's interface that values go through. */
public enum MIMEType {
  TEXT_HTML,
  TEXT_PLAIN
}
