/**
 * Runs and results. A run is a search for an activation function by the method of arXiv 2408.06820
 * (the paper), or a training of a network. This package has experiments with the paper's networks
 * and hyperparameters, a store that keeps runs on disk, and searches in a user's own network with
 * the user's own data set or table.
 */
package grafs.run;
