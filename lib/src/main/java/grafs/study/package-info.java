/**
 * Analyses of kept runs: tables and claims of the paper, with their statistics; relaxed cells as
 * functions; and searches for planted activations.
 */
package grafs.study;
