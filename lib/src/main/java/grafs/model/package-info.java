/** The paper's networks as DJL blocks that take their activation from a factory. */
package grafs.model;
