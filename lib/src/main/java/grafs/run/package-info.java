/** Experiments, scales, the store of runs, and a search in a network and on a table of your own. */
package grafs.run;
