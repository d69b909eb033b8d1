from importlib.metadata import version as installed_version

project = "twelvelabs_async"
author = "The twelvelabs_async developers"
copyright = author
version = release = installed_version("twelvelabs_async")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"{project} {version}"

default_role = "py:obj"
autodoc_member_order = "bysource"
napoleon_use_ivar = True  # an attribute called `type` would be taken for the built-in type
myst_heading_anchors = 3
# Pages include parts of files at the root: their headings start deeper, and their links are relative to there.
suppress_warnings = ["myst.header", "myst.xref_missing"]
