"""HTML of other sites as Markdown: what an article can hold, and nothing else."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import nh3

_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "section", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "a"),
    *("strong", "b", "em", "i", "code", "pre", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "caption"),
}
_NO_TEXT = {"script", "style", "form", "select", "button", "noscript", "iframe", "svg", "template", "nav"}
_BLANK_LINES = re.compile(r"\n{3,}")
_PICTURE = re.compile(r"<(?:img|video|audio|iframe|embed|object)\b", re.I)


def markdown_of(html: str, base: str) -> str:
    """The article in `html`, links made whole against its address `base`."""
    from bs4 import BeautifulSoup
    from markdownify import ATX, BACKSLASH, MarkdownConverter

    soup = BeautifulSoup(nh3.clean(html, tags=_TAGS, clean_content_tags=_NO_TEXT, link_rel=None), "html.parser")
    for link in soup.find_all("a"):
        link["href"] = urljoin(base, str(link.get("href") or ""))
        if not link.get_text(strip=True):
            link.decompose()
    converter = MarkdownConverter(
        heading_style=ATX, bullets="-", newline_style=BACKSLASH, autolinks=False, escape_misc=False
    )
    text = converter.convert_soup(soup)
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()


def left_out(html: str) -> int:
    """How many pictures, films and frames `html` has: they are not taken along."""
    return len(_PICTURE.findall(html))


def text_of(html: str) -> str:
    """A title or a term, without its markup."""
    from html import unescape

    return " ".join(unescape(nh3.clean(html, tags=set())).split())
