/**
 * Experiments with the paper's networks and their scales, the store that keeps runs (searches and
 * trainings) on disk, and searches for an activation in a user's own network, with a user's own
 * data set or table.
 */
package grafs.run;
