"""The site of these pages: pip install '.[docs]', then python -m sphinx docs site."""
import re

project = "chalkgrad"
author = "the chalkgrad authors"
html_theme = "furo"
html_title = "chalkgrad"
html_show_copyright = False
extensions = ["myst_parser"]
exclude_patterns = ["figures"]
# Links to the code lead out of the site; Mermaid's text and PyTorch's side are shown as they are.
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]


def add_contents(app, page, source):
    """Put all pages beside the index: on the site only, the index as it is lists them by itself."""
    if page == "index":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"


def open_what_is_clicked(app, page, template, context, doctree):
    """A file that is linked to opens instead of being saved; and so do pictures, in full size."""
    if doctree:
        body = context["body"].replace(' download=""', "")
        picture = r'<img [^>]*src="(_images/[^"]+)"[^>]*>'
        context["body"] = re.sub(picture, r'<a href="\1">\g<0></a>', body)


def setup(app):
    app.connect("source-read", add_contents)
    app.connect("html-page-context", open_what_is_clicked)
