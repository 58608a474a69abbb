/** Runs the trials of a sweep on Apache Spark, each as a task of one Spark application. */
package grafs.sweep.spark;
