/**
 * What kept runs tell: tables and claims of the paper, how architecture parameters moved, how the
 * functions found differ; and searches for activations that were planted.
 */
package grafs.study;
