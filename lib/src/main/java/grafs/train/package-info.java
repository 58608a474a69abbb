/**
 * Trains the weights of neural networks by gradient descent, and evaluates networks. The package
 * contains the loops over batches, the optimizers with their settings, checkpoints, checks of data
 * sets, and progress reports.
 */
package grafs.train;
