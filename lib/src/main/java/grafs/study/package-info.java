/**
 * Analyses of searches and trainings that a store has kept: the tables of the paper (arXiv
 * 2408.06820), and the paper's claims with their statistics. Also tests of search methods on
 * regressions whose best activation is known, since the targets were computed by a network that has
 * it.
 */
package grafs.study;
