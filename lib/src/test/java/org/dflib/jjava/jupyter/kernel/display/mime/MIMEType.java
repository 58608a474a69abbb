package org.dflib.jjava.jupyter.kernel.display.mime;

/**
 * Stands in for the class of this name of JJava, a Java kernel for Jupyter: the types of content
 * that a notebook can show.
 */
public enum MIMEType {
  TEXT_HTML,
  TEXT_PLAIN
}
