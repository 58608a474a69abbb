/** What kept runs tell: how architecture parameters moved, and how the functions found differ. */
package grafs.study;
