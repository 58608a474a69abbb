/** What a notebook says: experiments, scales, tables, plots, claims, and how a kernel shows it. */
package grafs.lab;
