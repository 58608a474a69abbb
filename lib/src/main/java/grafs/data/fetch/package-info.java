/** Downloading and unpacking of published data sets: {@code environment/lab data}. */
package grafs.data.fetch;
