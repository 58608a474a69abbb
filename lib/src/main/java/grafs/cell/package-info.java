/**
 * Activation functions, and the cell in which a search chooses them. An {@link grafs.cell.Operation
 * operation} is a function of one or two numbers, with its derivatives. A cell is a small graph
 * with one operation at each place, and the {@link grafs.cell.CellSpace search space} lists the
 * candidate operations. A {@link grafs.cell.RelaxedCell relaxed cell} computes a weighted sum of
 * all candidates at every place, so that a search can use gradient descent. An {@link
 * grafs.cell.Expression expression} is a fixed function composed of operations. To save time, a
 * network reads the values of relaxed cells and expressions from tables.
 */
package grafs.cell;
