/** Training and evaluation loops, learning-rate schedules and progress. */
package grafs.train;
