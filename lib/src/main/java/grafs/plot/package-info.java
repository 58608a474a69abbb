/** Figures of Tablesaw Plotly, and the same figures as static pictures in SVG. */
package grafs.plot;
