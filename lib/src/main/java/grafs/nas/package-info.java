/**
 * NAS optimizers of activation cells: gradient-based ones (DARTS, DrNAS and others) and black-box
 * ones, what they are made of, and the search that runs them.
 */
package grafs.nas;
