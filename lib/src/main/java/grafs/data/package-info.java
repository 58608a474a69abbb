/**
 * Image and text data sets: downloading and reading them, augmentation, tokenizers, and batches
 * that depend only on the data, a seed and the epoch's number.
 */
package grafs.data;
