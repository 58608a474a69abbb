/**
 * Searches for activation functions: by gradient (DARTS, DrNAS and others) and, as baselines, by
 * black-box methods, which train the network with one function after another. {@link
 * grafs.nas.Search} runs a search by gradient with the settings of {@link
 * grafs.nas.SearchSettings}; {@link grafs.nas.GradientOptimizer} takes its steps one at a time.
 */
package grafs.nas;
