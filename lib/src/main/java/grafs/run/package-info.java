/**
 * Experiments with the networks of arXiv 2408.06820 (the paper) and their hyperparameters; the
 * store that keeps runs (searches and trainings) on disk; and searches for an activation function
 * in a user's own network, with a user's own data set or table.
 */
package grafs.run;
