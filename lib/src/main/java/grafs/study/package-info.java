/**
 * What kept runs tell: tables and claims of the paper, with their statistics; relaxed cells to look
 * at; and searches for activations that were planted.
 */
package grafs.study;
