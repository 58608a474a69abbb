package grafs.plot;

import tech.tablesaw.plotly.components.Figure;

/** A picture that a page with scripts can show as a figure to point at and zoom into. */
public interface PlotlyPicture extends Picture {

  /** {@return the figure, of the same data} */
  Figure figure();
}
