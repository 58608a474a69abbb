/** The primitive unary and binary operations of the search space. */
package grafs.op;
