/** What a notebook says: experiments, scales, tables, plots and how they are shown in a kernel. */
package grafs.lab;
