/**
 * Analyses of kept runs: tables and claims of the paper, with their statistics; and searches for
 * planted activations.
 */
package grafs.study;
