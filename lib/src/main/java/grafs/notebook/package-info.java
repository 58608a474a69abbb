/** Tables, figures and progress in the output of notebook cells, or as text in a plain JVM. */
package grafs.notebook;
