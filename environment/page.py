"""Converts an executed notebook to one HTML file that needs no network."""

import logging
import re
from pathlib import Path

from nbconvert.exporters import HTMLExporter

HERE = Path(__file__).resolve().parent
# The folder of the scripts Plotly and MathJax, which kernelspec.py writes.
SCRIPTS = HERE / ".state" / "page"

# Matches the beginning of a LaTeX formula in Markdown.
MATH = re.compile(r"\$|\\\(|\\\[|\\begin\{")


# Returns the HTML page. It contains Plotly only if the notebook shows figures, and MathJax only if it shows formulas.
def html(notebook, title):
    exporter = HTMLExporter(template_name="page", extra_template_basedirs=[str(HERE / "templates")])
    exporter.embed_images = True
    exporter.log.setLevel(logging.ERROR)
    resources = {
        "metadata": {"name": title, "path": str(HERE.parent / "notebooks")},
        "grafs": {
            "plotly": _script("plotly.min.js") if _has_figures(notebook) else None,
            "mathjax": _script("mathjax.js") if _has_math(notebook) else None,
        },
    }
    page, _ = exporter.from_notebook_node(notebook, resources=resources)
    return page


def _script(name):
    # An HTML parser would end the script element at any "</script" in the JavaScript.
    return (SCRIPTS / name).read_text(encoding="utf-8").replace("</script", "<\\/script")


# Yields the data of each output of the notebook: a dictionary from MIME type to content.
def _outputs(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("data", {})


def _has_figures(notebook):
    return any("window.Plotly" in data.get("text/html", "") for data in _outputs(notebook))


def _has_math(notebook):
    prose = any(cell.cell_type == "markdown" and MATH.search(cell.source) for cell in notebook.cells)
    return prose or any("text/latex" in data for data in _outputs(notebook))
