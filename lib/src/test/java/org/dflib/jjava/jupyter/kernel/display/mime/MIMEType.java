package org.dflib.jjava.jupyter.kernel.display.mime;

/**
 * Replaces, in tests, the type of the same name in JJava, a Java kernel for Jupyter: the types of
 * content that a notebook can show.
 */
public enum MIMEType {
  TEXT_HTML,
  TEXT_PLAIN
}
