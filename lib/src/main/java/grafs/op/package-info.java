/** Where Java reaches a tensor's memory itself, and constants as tensors. */
package grafs.op;
