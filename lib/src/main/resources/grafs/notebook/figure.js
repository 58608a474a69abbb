(function () {
  // Figures of Tablesaw call Plotly.newPlot(element, data, layout, config): this stands in for it.
  function newPlot(element, data, layout, config) {
    // Tablesaw escapes its strings as if for HTML; Plotly knows &lt; &gt; &amp; but not quotes. It writes NaN as a string,
    // and Plotly takes an axis whose first values are strings for one of categories.
    var plain = function (value) {
      return JSON.parse(JSON.stringify(value).replace(/&quot;/g, '\\"').replace(/&#39;/g, "'")
          .replace(/"-?(NaN|Infinity)"/g, "null"));
    };
    layout = plain(layout || {});
    layout.colorway = layout.colorway || "@COLOURS@".split(" ");
    if (@SHARE_WIDTH@) { delete layout.width; }
    data = plain(data);
    // Tablesaw cannot set a heat map's colours, and Plotly's own run from blue to red as if 0 were in the middle.
    data.forEach(function (trace) {
      if (trace.type === "heatmap") { trace.colorscale = trace.colorscale || "Viridis"; }
    });
    // Nor how a logarithmic axis counts: Plotly's own way is 100µ, 1m, 0.01.
    if (layout.yaxis && layout.yaxis.type === "log") { layout.yaxis.exponentformat = "power"; }
    document.getElementById("@ID@").replaceChildren();
    window.Plotly.newPlot(element, data, layout,
        Object.assign({responsive: true, displaylogo: false}, config));
  }
  function draw(Plotly) {
    @CODE@
  }
  function server() {
    var page = document.getElementById("jupyter-config-data");
    var base = page ? JSON.parse(page.textContent).baseUrl : document.body.dataset.baseUrl;
    return base ? [base + "kernelspecs/java/plotly.min.js"] : [];
  }
  // Fetched and run as a function, since a page with an AMD loader (Notebook 6) would take it for a module.
  function load(urls) {
    if (window.Plotly) { return Promise.resolve(); }
    if (urls.length === 0) { return Promise.reject(); }
    return fetch(urls[0], {credentials: "same-origin"}).then(function (reply) {
      if (!reply.ok) { throw new Error(reply.status); }
      return reply.text();
    }).then(function (source) {
      new Function("define", "exports", "module", source)();
    }).catch(function () { return load(urls.slice(1)); });
  }
  function fail() {
    window.grafsPlotly = null;
    var place = document.getElementById("@ID@");
    if (place.firstChild) { return; }
    place.textContent = "This figure is drawn with Plotly, which could be loaded neither from " +
        "this Jupyter server nor from the internet. Open the notebook with environment/lab notebook.";
  }
  function start() {
    window.grafsPlotly = window.grafsPlotly || load(server().concat("@ELSEWHERE@"));
    window.grafsPlotly.then(function () { draw({newPlot: newPlot}); }, fail);
  }
  // A figure takes the width of its place, which is known only when the page is there.
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", start); } else { start(); }
})();
