/**
 * The activation cell: its graph, its relaxation (exact and tabulated), and the discrete functions
 * it finds.
 */
package grafs.cell;
