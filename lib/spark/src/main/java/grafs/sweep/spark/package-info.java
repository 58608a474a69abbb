/** Sweeps on Apache Spark: the trials are the tasks of an application. */
package grafs.sweep.spark;
