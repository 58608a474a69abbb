/** Pictures: charts, heat maps and small multiples, for Plotly and as SVG. */
package grafs.plot;
