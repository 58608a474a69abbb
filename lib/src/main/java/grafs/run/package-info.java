/**
 * Experiments and their scales, the store of runs, and searches in a user's own network or on a
 * user's own table.
 */
package grafs.run;
