"""How Sphinx makes the site of these pages, which are Markdown and read as well on a code host."""

import re

from sphinx.application import Sphinx

project = "twinflow"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]  # :::{toctree}
myst_heading_anchors = 3  # page.md#a-heading, as code hosts have it

html_theme = "furo"
html_title = "twinflow"
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # it is fetched, which browsers refuse where the site is opened from a folder


def setup(app: Sphinx) -> None:
    """Links to Markdown that is no page of the site, as `../CONTRIBUTING.md`, hand over the file."""
    app.connect("source-read", _hand_over_files)


def _hand_over_files(app: Sphinx, page: str, source: list[str]) -> None:
    folder = app.env.doc2path(page).parent

    def link(found: re.Match[str]) -> str:
        outside = not (folder / found[1]).resolve().is_relative_to(app.srcdir)
        return f"](path:{found[1]})" if outside else found[0]

    source[0] = re.sub(r"\]\((\.\./[^)#]+\.md)\)", link, source[0])
