/**
 * Gradient-based search: architecture parameters, relaxations, warm start, bilevel search,
 * shrinking.
 */
package grafs.search;
