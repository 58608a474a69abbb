/** Tables, figures and progress, shown in any kernel, or as text where none runs. */
package grafs.notebook;
