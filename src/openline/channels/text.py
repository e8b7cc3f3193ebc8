"""Text helpers that channels share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape

import nh3

_BLOCKS = {"p", "div", "blockquote", "ul", "ol", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr"}
_LONGEST_HTML = 100_000
_WHOLE = nh3.Cleaner(
    tags={*_BLOCKS, "a", "br"},
    attributes={"a": {"href", "class"}},
    clean_content_tags={"script", "style"},
    link_rel=None,
)
_TAG = re.compile(r"<(/?)(\w+)([^>]*)>")
"""A tag of what `_WHOLE` writes: there, every "<" and ">" of words and attributes is an entity."""
_MENTION, _HREF = re.compile(r' class="[^"]*mention'), re.compile(r' href="([^"]*)"')
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|br|img|hr|meta|link|input|t[dhr]|d[dt]|option|source|area|col|wbr|embed|base|param|track)\b)[a-z]",
    re.IGNORECASE,
)
"""A tag that opens or closes an element that can hold others of its kind."""
_JOINER = "\u200d"


def _link_text(words: str, href: str) -> str:
    """What to read for a link: its address where the words are a short form of it, else both."""
    shown = words.strip().rstrip("…").strip()
    if words.startswith(("#", "@")) or not href.startswith(("http://", "https://")):
        return words
    if not shown or shown in href:
        return href
    return f"{words} ({href})"


_ANY_TAG = re.compile("<[^<>]*>")


def text_of_html(html: str) -> str:
    """The plain text of an HTML fragment, paragraphs apart by an empty line. Never raises.

    Of more than 100,000 characters only the beginning is read.
    """
    if "<" not in html and "&" not in html:
        return html.strip()
    if too_deep(html[:_LONGEST_HTML]):  # no person wrote this; its words alone are kept
        return " ".join(unescape(_ANY_TAG.sub(" ", html[:_LONGEST_HTML])).split())
    # Python's parser takes quadratic time for some broken HTML; nh3 makes it whole, and drops scripts.
    words, *rest = _TAG.split(_WHOLE.clean(html[:_LONGEST_HTML]))
    parts, link = [unescape(words)], None
    for closes, tag, attributes, words in zip(*(rest[n::4] for n in range(4)), strict=True):
        if tag == "br":
            parts.append("\n")
        elif tag in _BLOCKS:
            parts.append("\n\n")
        elif not closes and not _MENTION.search(attributes):
            link = _HREF.search(attributes), len(parts)
        elif closes and link:
            href, start = link
            parts[start:] = [_link_text("".join(parts[start:]), unescape(href[1]) if href else "")]
            link = None
        parts.append(unescape(words))
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip()


def too_deep(html: str, most: int = 500) -> bool:
    """Whether elements nest deeper than any page written by people: reading such a page takes quadratic time."""
    depth = 0
    for tag in _NESTING.finditer(html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > most:
            return True
    return False


def graphemes(text: str) -> int:
    """How many characters a person sees in `text`: the extended grapheme clusters of Unicode's UAX #29.

    Python's library knows no clusters; this follows the rules that matter for text people write: marks,
    joined emoji, skin tones and flags. Stacked Indic consonants count one by one, which is never too few.
    """
    return sum(1 for _cluster in clusters(text))


def clusters(text: str) -> Iterator[str]:
    """The characters that a person sees, one by one, each with all that belongs to it; composed (NFC)."""
    cluster, before, flags = "", "", 0
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        flag = "\U0001f1e6" <= char <= "\U0001f1ff"
        flags = flags + 1 if flag else 0
        joined = before == _JOINER and unicodedata.category(char) == "So"
        if cluster and not (_extends(char) or joined or (flag and flags % 2 == 0)):
            yield cluster
            cluster = ""
        cluster += char
        before = char
    if cluster:
        yield cluster


def _extends(char: str) -> bool:
    """True if `char` belongs to the one before it: marks, joiners, variation selectors, skin tones, tags."""
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in ("\u200c", _JOINER)
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )
