"""From `Outgoing` to what WordPress keeps: HTML, titles, file names, and the mark by which we know our own again.

The mark follows from the message's key alone. In a post it is an empty block of a kind that WordPress does not know: it
is shown to nobody and stands in no feed, the editor leaves it where it is, and the site's own search finds it, whatever
becomes of title, address or state. In a file's name and in a comment's user agent it is a word.
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from html import escape
from typing import Any

from openline.channels.base import Article, Outgoing, OutgoingMedia, Rejected

TITLE_LENGTH = 60
_BLOCK = re.compile(r"\s*<!-- wp:openline/sent (\{[^{}]*\}) /-->")
_URL = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}…]", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])\s+|\n+")
_RIGHT_TO_LEFT = ("ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi")
_EXTENSIONS = {"image/jpeg": ".jpg", "image/webp": ".webp", "image/avif": ".avif", "image/heic": ".heic"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file in the site's media library."""

    id: int
    url: str
    media: OutgoingMedia
    captions_url: str = ""


def mark(key: str, part: str = "") -> str:
    """The word by which what was sent with `key` is known; `part` tells apart what one message brings."""
    return "ol" + hashlib.sha256(f"{key}\n{part}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def agent(key: str) -> str:
    """The user agent that a comment of ours is written with; WordPress shows it to moderators only."""
    return f"Openline {mark(key)}"


def block(word: str, *, unfinished: bool = False) -> str:
    """The mark as a block; `unfinished` until the post was first published."""
    state = ',"unfinished":true' if unfinished else ""
    return f'<!-- wp:openline/sent {{"key":"{word}"{state}}} /-->'


def mark_of(content: str) -> str:
    """The marking block that stands in a post, as it stands there; empty if there is none."""
    found = _BLOCK.search(content)
    return found[0].strip() if found else ""


def is_unfinished(content: str) -> bool:
    """True for a draft that waits for its publication by us: whatever people do with a post, they do afterwards."""
    return '"unfinished":true' in mark_of(content)


def writable(outgoing: Outgoing) -> None:
    """Raises Rejected if there is nothing to say, or what cannot be written."""
    article = outgoing.article
    said = f"{article.title}{article.html}{article.excerpt}{article.slug}" if article else outgoing.text
    if not said.strip() and not outgoing.media:
        raise Rejected("There is nothing to say.", "text")
    if any("\ud800" <= char <= "\udfff" for char in said):
        raise Rejected("The text holds characters that cannot be written.", "text")


def article_of(outgoing: Outgoing) -> Article:
    """What to publish: the article, or a post made of a plain text with a title from its first words."""
    return outgoing.article or Article(title_of(outgoing.text), html_of(outgoing.text))


def title_of(text: str) -> str:
    """The first sentence, or as many of its words as make a title."""
    first = _SENTENCE.split(text.strip(), maxsplit=1)[0].strip()
    if len(first) <= TITLE_LENGTH:
        return first.rstrip(".。")
    head = first[: TITLE_LENGTH + 1]
    space = head.rfind(" ")
    return head[: space if space > TITLE_LENGTH / 2 else TITLE_LENGTH].rstrip(" ,;:–-") + "…"


def html_of(text: str) -> str:
    """A plain text as paragraphs, its links made to follow."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n".join(f"<p>{_linked(part).replace(chr(10), '<br />' + chr(10))}</p>" for part in paragraphs)


def _linked(text: str) -> str:
    parts, at = list[str](), 0
    for found in _URL.finditer(text):
        address = escape(found[0])
        parts += [escape(text[at : found.start()], quote=False), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*parts, escape(text[at:], quote=False)])


def content(article: Article, language: str, uploaded: list[Uploaded], word: str) -> str:
    """A post's content: the article in its language, the files behind it, and the mark (a block)."""
    body = "\n".join([article.html, *(figure(one) for one in uploaded)])
    return f"{_in_language(body, language)}\n\n{word}"


def _in_language(html: str, language: str) -> str:
    """Screen readers and search engines learn in which language it is (WCAG 2.1, 3.1.2)."""
    code = language.replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", code) or code == "und":
        return html
    direction = ' dir="rtl"' if code.split("-")[0].lower() in _RIGHT_TO_LEFT else ""
    return f'<div lang="{code}"{direction}>\n{html}\n</div>'


def figure(one: Uploaded) -> str:
    """A file in the text: picture, film with its captions, sound, or a link. WordPress adds sizes by the class."""
    url, media = escape(one.url), one.media
    caption = f"<figcaption>{escape(media.caption)}</figcaption>" if media.caption else ""
    if media.kind == "image":
        image = f'<img src="{url}" alt="{escape(media.alt)}" class="wp-image-{one.id}" />'
        return f'<figure class="wp-block-image">{image}{caption}</figure>'
    if media.kind == "file":
        return f'<p><a href="{url}">{escape(media.alt or media.name or one.url)}</a></p>'
    track = f'<track kind="captions" src="{escape(one.captions_url)}" default />' if one.captions_url else ""
    label = f' aria-label="{escape(media.alt)}"' if media.alt else ""
    player = f'<{media.kind} controls src="{url}"{label}>{track}</{media.kind}>'
    return f'<figure class="wp-block-{media.kind}">{player}{caption}</figure>'


def comment_html(text: str, uploaded: list[Uploaded], *, pictures: bool) -> str:
    """A comment's content: the words, and below them the files; as links where comments may hold no pictures."""
    lines = [escape(text, quote=False)]
    for one in uploaded:
        alt, url = escape(one.media.alt), escape(one.url)
        shown = f'<img src="{url}" alt="{alt}" />' if pictures and one.media.kind == "image" else ""
        lines.append(f'<a href="{url}">{shown or alt or escape(one.media.name) or url}</a>')
    return "\n\n".join(line for line in lines if line)


def file_name(media: OutgoingMedia, word: str) -> str:
    """A file's name on the site: what it was called, the mark, and an ending by its type (WordPress asks for one)."""
    stem = re.sub(r"[^a-z0-9]+", "-", media.name.rpartition(".")[0].lower() or media.name.lower()).strip("-")[:40]
    ending = _EXTENSIONS.get(media.media_type) or mimetypes.guess_extension(media.media_type) or ""
    if not ending and "." in media.name:
        ending = "." + re.sub(r"[^a-z0-9]", "", media.name.rpartition(".")[2].lower())[:5]
    return f"{stem or media.kind}-{word}{ending}"


def settled_state(post: dict[str, Any]) -> bool:
    """True if the post is out of our hands: published, planned, or what people made of it since."""
    raw = post.get("content")
    said = raw.get("raw") if isinstance(raw, dict) else ""
    return not is_unfinished(said if isinstance(said, str) else "")
