/**
 * Activation functions, and the cell in which a search chooses them: {@link grafs.cell.Operation
 * operations} with their derivatives, the {@link grafs.cell.CellSpace search space}, the {@link
 * grafs.cell.RelaxedCell relaxed cell}, which mixes all candidate operations, functions of chosen
 * operations as {@link grafs.cell.Expression expressions}, and the tables from which a network
 * reads both.
 */
package grafs.cell;
