/**
 * Many runs as one: a sweep is a list of trials, and a runner does them here, in processes beside
 * one another, or on a cluster: {@code environment/lab sweep}.
 */
package grafs.sweep;
