"""The site of these pages: python -m sphinx docs site, after pip install '.[docs]'."""
project = "chalkgrad"
author = "the chalkgrad authors"
html_theme = "furo"
html_title = "chalkgrad"
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath"]
exclude_patterns = ["figures"]

# Pages are found from index.md by its links, so they need no second list of contents.
suppress_warnings = ["toc.not_included"]
