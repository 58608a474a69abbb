/**
 * Runs the trials of a sweep, which are searches and trainings, on Apache Spark, each as a task of
 * one Spark application.
 */
package grafs.sweep.spark;
