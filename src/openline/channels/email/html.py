"""The HTML of a mail as plain text, with and without the mail that it answers.

Mail programs mark what they quote: Gmail, Apple Mail, Thunderbird, Outlook on the web, Yahoo, Proton, Yandex, Mail.ru,
NetEase and QQ each in its own way, whatever the language. What is not marked is left to `quotes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import nh3

from openline.channels.text import text_of_html

_LONGEST = 400_000
_DEEPEST = 2_000
_BLOCKS = {
    "p",
    "div",
    "blockquote",
    "ul",
    "ol",
    "li",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "tr",
    "table",
    "td",
    "hr",
}
_CLEANER = nh3.Cleaner(
    tags={*_BLOCKS, "a", "br", "img", "span", "tbody"},
    attributes={"*": {"class", "id", "style", "type", "name"}, "a": {"href"}, "img": {"src", "alt"}},
    url_schemes={"http", "https", "mailto", "cid"},
    clean_content_tags={"script", "style", "title"},
    link_rel=None,
)
_TAG = re.compile(r"<(/?)(\w+)([^>]*)>")
_OPENS = re.compile(r"<(?!(?:br|img|hr|meta|input|link|col|wbr|p|li|td|tr|o:p)\b)[a-z]", re.IGNORECASE)
_VOID = {"br", "img", "hr"}
_QUOTE = re.compile(
    r"""\b(?:class|id|name|type)="(?:[^"]*\s)?(?:
      gmail_quote(?:_container)?|gmail_attr|moz-cite-prefix|yahoo_quoted|yQTDBase|protonmail_quote|zmail_extra|
      tutanota_quote|ntes_not_fresh_quote|isReplyContent|yandex-quote|mail-quote-collapse|js-quote|qt|cite|
      x?_?OLK_SRC_BODY_SECTION|OutlookMessageHeader|freemail-quote|WordSection0
    )(?:\s[^"]*)?\"""",
    re.VERBOSE | re.IGNORECASE,
)
_FROM_HERE = re.compile(
    r"""\b(?:id|name)="(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|reply-intro|mail-editor-reference-message-container
      |replySplit|OLK_SRC|ms-outlook-mobile-reference-message)"
      |style="[^"]*border(?:-top)?:\s?(?:none;\s?border-top:\s?)?solid\s\#(?:b5c4df|e1e1e1)\s1\.0pt""",
    re.VERBOSE | re.IGNORECASE,
)
"""From such an element on, all is the mail that is answered (Outlook)."""
_SIGNATURE = re.compile(
    r'\b(?:class|id|name)="(?:[^"]*\s)?(?:x_)*(?:gmail_signature(?:_prefix)?|moz-signature|protonmail_signature_block'
    r"|ms-outlook-mobile-signature|Signature|AppleMailSignature|yahoo-signature|tutanota_sig)"
    r'(?:\s[^"]*)?"',
    re.IGNORECASE,
)
_HIDDEN = re.compile(r'\bstyle="[^"]*(?:display:\s?none|font-size:\s?0|mso-hide:\s?all)', re.IGNORECASE)
"""What nobody sees is not what somebody said."""
_FORWARD = re.compile(r"^\s*-{2,}[^-\n]{4,60}-{2,}\s*$", re.MULTILINE)


def whole(html: str) -> str:
    """All that is to be read in it, as plain text."""
    return text_of_html(_without_images(_clean(html)))


def split(html: str, *, forward: bool) -> tuple[str, str]:
    """The words of the mail itself as plain text, and the HTML that was cut out of it as quotation or signature.

    A forwarded mail keeps what is forwarded (`forward`, or the line that mail programs put above it).
    """
    kept, cut = list[str](), list[str]()
    for piece, out in _pieces(_clean(html), forward):
        (cut if out else kept).append(piece)
    return text_of_html(_without_images("".join(kept))), "".join(cut)


def _clean(html: str) -> str:
    """Whole HTML of the elements that we know. What is nested beyond sense is read without its tags."""
    html = html[:_LONGEST]
    if len(_OPENS.findall(html)) - html.count("</") > _DEEPEST:
        return re.sub(r"<[^<>]{0,5000}>", " ", html).replace("<", " ")
    return _CLEANER.clean(html)


def _pieces(html: str, forward: bool) -> Iterator[tuple[str, bool]]:
    """The tags and words of whole HTML, each with whether it lies within something that is cut out."""
    words, *rest = _TAG.split(html)
    yield words, False
    depth, cut_at, to_end = 0, 0, False
    tags = list(zip(*(rest[n::4] for n in range(4)), strict=True))
    for place, (closes, tag, attributes, words) in enumerate(tags):
        void = tag in _VOID
        depth += 0 if void or closes else 1
        if not (closes or cut_at or to_end):
            if _FROM_HERE.search(attributes) and not forward:
                to_end = True
            elif _is_cut(tag, attributes) and not _forwards(tags, place, forward):
                cut_at = 0 if void else depth
        yield f"<{closes}{tag}{attributes}>{words if not closes else ''}", bool(cut_at or to_end)
        if closes:
            if cut_at == depth:
                cut_at = 0
            depth -= 1
            yield words, bool(cut_at or to_end)


def _is_cut(tag: str, attributes: str) -> bool:
    signs = (_QUOTE, _SIGNATURE, _HIDDEN)
    return bool(attributes) and any(sign.search(attributes) for sign in signs)


def _forwards(tags: list[tuple[str, str, str, str]], place: int, forward: bool) -> bool:
    """Is this "quotation" a mail that is passed on? Gmail marks both alike, but writes a line above the one."""
    if _SIGNATURE.search(tags[place][2]) or _HIDDEN.search(tags[place][2]):
        return False
    ahead = "\n".join(unescape(words) for _closes, _tag, _attributes, words in tags[place : place + 12])
    return forward or bool(_FORWARD.search(ahead))


def _without_images(html: str) -> str:
    return re.sub(r"<img[^<>]*>", "", html)
