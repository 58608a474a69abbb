/**
 * Training and evaluation loops, weight optimizers with their settings, checkpoints, checks of data
 * sets, and progress reports.
 */
package grafs.train;
