"""Sphinx configuration: MyST pages by audience, and the table of findings from the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "jupyter-zflow"
copyright = "The jupyter-zflow contributors"  # noqa: A001 - the name that Sphinx wants
release = json.loads((HERE.parent / "package.json").read_text())["version"]
version = release

extensions = [
    "findings",
    "settings",
    "verbs",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
nitpicky = True
# Types in signatures and in "Raises" have no page of their own.
nitpick_ignore_regex = [("py:(class|exc)", ".*")]
python_maximum_signature_line_length = 72
autodoc_member_order = "bysource"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_title = "jupyter-zflow"
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"]}
