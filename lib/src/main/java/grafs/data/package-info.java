/** Datasets, held as bytes and served as reproducible batches. */
package grafs.data;
