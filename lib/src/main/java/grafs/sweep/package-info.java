/**
 * Sweeps, each a list of trials that a runner runs in this process, in parallel processes or on a
 * cluster: {@code environment/lab sweep}.
 */
package grafs.sweep;
