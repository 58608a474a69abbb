/**
 * Neural networks and their activation functions, as blocks of DJL (Deep Java Library).
 *
 * <ul>
 *   <li>The networks of arXiv 2408.06820: residual network, vision transformer and GPT. Each is
 *       built with a factory that makes its activations.
 *   <li>Activations that are made by name, such as {@code gelu}.
 *   <li>A class that finds the activations of any other DJL network and replaces them.
 *   <li>Reading and writing of weights as safetensors files.
 * </ul>
 */
package grafs.model;
