"""What a test looks at in a page: its ids, references, headings, tags and text."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """A page's ids, references to them, headings, tags and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.references: set[str] = set(re.findall(r"url\(#([^)]+)\)", html))
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [str(found["id"])] if "id" in found else []
        self.references |= {str(v)[1:] for k, v in attrs if k == "href" and str(v).startswith("#")}
        self.references |= {str(v) for k, v in attrs if k in ("aria-labelledby", "for")}
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []

    def handle_data(self, data: str) -> None:
        self.text += data
