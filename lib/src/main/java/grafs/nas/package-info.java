/**
 * Searches for activation functions: by gradient (DARTS, DrNAS and others) and, as baselines, by
 * black-box methods, which train the network with one function after another. {@link
 * grafs.nas.Search} runs a complete search by gradient with the settings of {@link
 * grafs.nas.SearchSettings}. With {@link grafs.nas.GradientOptimizer} a program takes the steps of
 * such a search one at a time.
 */
package grafs.nas;
