/** What a notebook says: experiments, scales, tables, plots, claims, and how a kernel shows them. */
package grafs.lab;
