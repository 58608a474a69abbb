/**
 * The networks of arXiv 2408.06820 (residual network, vision transformer, GPT) as DJL blocks that
 * take their activation from a factory; activations by name; finding and replacing the activations
 * of other DJL networks; and reading and writing weights.
 */
package grafs.model;
