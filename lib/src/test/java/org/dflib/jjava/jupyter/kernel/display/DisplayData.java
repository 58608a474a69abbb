package org.dflib.jjava.jupyter.kernel.display;

import java.util.LinkedHashMap;
import java.util.Map;

/** A stand-in with the part of JJava's interface that displays go through. */
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
