/**
 * Analyses of runs that a store has kept: the paper's tables, and its claims with their statistics.
 * Also tests of search methods on regressions whose best activation is known, since it was planted.
 */
package grafs.study;
