/** Training and evaluation loops, optimizers and progress. */
package grafs.train;
