package grafs.plot;

/** Something to look at, as an SVG document that needs neither scripts nor fonts of its own. */
public interface Picture {

  /** {@return what it shows, in words} */
  String title();

  /** {@return the picture as an SVG document} */
  String svg();
}
