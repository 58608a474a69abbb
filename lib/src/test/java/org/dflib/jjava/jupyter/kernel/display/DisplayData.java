package org.dflib.jjava.jupyter.kernel.display;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Replaces, in tests, the class of the same name in JJava, a Java kernel for Jupyter. It is one
 * output of a notebook cell: its contents by MIME type, and the id by which the output can be
 * replaced later.
 */
public class DisplayData {
  public final Map<String, Object> data = new LinkedHashMap<>();
  public String id;

  public void putData(String type, Object value) {
    data.put(type, value);
  }

  public void setDisplayId(String value) {
    id = value;
  }
}
