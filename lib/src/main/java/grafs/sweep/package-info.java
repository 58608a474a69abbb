/**
 * Sweeps: a sweep is a list of trials, and a trial is one search for an activation function or one
 * training of a network. A runner executes the trials in this process, in several processes, or on
 * a cluster. The command is {@code environment/lab sweep}.
 */
package grafs.sweep;
