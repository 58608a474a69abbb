/**
 * Gradient-based search: architecture parameters, relaxations, warm start, bilevel search,
 * shrinking; and black-box search to compare it with.
 */
package grafs.search;
