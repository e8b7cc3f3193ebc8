"""Text helpers that channels share."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "blockquote", "ul", "ol", "li", "pre", "h1", "h2", "h3"}
_SKIPPED = {"script", "style", "template"}


class _Text(HTMLParser):
    """Collects the words of a document: blocks become lines, links their full address where the text is cut."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = 0
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note line breaks and links."""
        attributes = dict(attrs)
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS and self.parts:
            self.parts.append("\n\n")
        elif tag == "a" and "mention" not in (attributes.get("class") or "") and attributes.get("href"):
            self._link = (attributes["href"] or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        """Put the address of a link in the place of its shortened text, but leave hashtags as they are."""
        if tag in _SKIPPED and self._skipping:
            self._skipping -= 1
        if tag == "a" and self._link:
            href, start = self._link
            words = "".join(self.parts[start:])
            if not words.startswith(("#", "@")) and href.startswith(("http://", "https://")):
                self.parts[start:] = [href]
            self._link = None

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._skipping:
            self.parts.append(data)


def text_of_html(html: str) -> str:
    """The plain text of an HTML fragment, paragraphs apart by an empty line. Never raises."""
    if "<" not in html and "&" not in html:
        return html
    parser = _Text()
    parser.feed(html)
    parser.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(parser.parts)).strip()
