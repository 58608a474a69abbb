/**
 * Analyses of searches and trainings that a store has kept: the paper's tables, and its claims with
 * their statistics. Also tests of search methods on regressions whose best activation is known,
 * since the targets were computed by a network that has it.
 */
package grafs.study;
