"""Posts and pages of a WordPress site: from its export file (WXR), or by its REST API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.utils.text import slugify
from django.utils.translation import gettext as _

from openline.cities.articles.found import Found
from openline.cities.articles.marking import markdown_of, text_of
from openline.cities.articles.reaching import get
from openline.cities.articles.web_page import language_in, notes_of
from openline.cities.tables import Refused

MOST_POSTS = 2_000
_PAGE = 50
_STATES = {"publish", "draft", "pending", "future"}
"""What is taken over; private posts, revisions and what lies in the bin are not."""
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_SHORTCODE = re.compile(
    r"\[[a-z][\w-]*\s+[\w-]+=[^\]\n]*\]"  # any with an attribute: [button url="..."]
    r"|\[/?(?:caption|gallery|embed|audio|video|playlist|button|contact-form-7|(?:vc|et_pb|fusion|av)_\w+)\b[^\]\n]*\]",
    re.I,
)
_BLOCK = re.compile(r"<(?:p|div|ul|ol|h[1-6]|table|section|figure|blockquote)\b", re.I)


@dataclass(frozen=True, slots=True)
class Post:
    """A post or page as both ways tell it."""

    guid: str
    link: str
    title: str
    html: str
    slug: str = ""
    language: str = ""
    keywords: tuple[str, ...] = ()


def found_in(post: Post) -> Found:
    """The draft that a post becomes."""
    html = _plain_html(post.html)
    text = markdown_of(html, post.link or post.guid)
    slug = slugify(post.slug).replace("_", "-").strip("-")[:120]
    language = post.language or language_in(text)
    values: dict[str, Any] = {
        "title": text_of(post.title)[:200],
        "body": text[:100_000],
        "language": language,
        "keywords": "; ".join(post.keywords)[:2_000],
        "source": post.link[:500],
    }
    if slug and "-".join(filter(None, slug.split("-"))) == slug:
        values["slug"] = slug
    return Found(values, post.link or post.guid, origin=post.guid[:500], notes=notes_of(post.html))


def _plain_html(html: str) -> str:
    """Without the comments of blocks and without shortcodes; classic posts get the paragraphs that empty lines mean."""
    text = _SHORTCODE.sub("", _COMMENT.sub("", html))
    if _BLOCK.search(text):
        return text
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{part.strip().replace(chr(10), '<br>')}</p>" for part in parts if part.strip())


def _taken(posts: Iterable[Post], refused: list[Refused]) -> list[Found]:
    """The posts that have a title and a text; all others are named."""
    taken = []
    for post in posts:
        found = found_in(post)
        if found.values["title"] and found.values["body"]:
            taken.append(found)
        else:
            refused.append(Refused(found.where, 0, _("It has no title or no text, so it is left out.")))
    return taken


# --- the export file -------------------------------------------------------------------------------


def read_wxr(data: bytes, name: str, refused: list[Refused]) -> list[Found]:
    """The posts and pages of an export file (WordPress: Tools, Export)."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        channel = fromstring(data).find("channel")
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        channel = None
    if channel is None:
        refused.append(Refused(name, 0, _("This is no export file of WordPress.")))
        return []
    language = (channel.findtext("language") or "").split("-")[0].lower()
    items = [_by_name(item) for item in channel.findall("item")]
    chosen = [fields for fields in items if _is_wanted(fields)]
    if not chosen:
        refused.append(Refused(name, 0, _("There is no post and no page in this export file.")))
    return _taken((_post_of(fields, language) for fields in chosen[:MOST_POSTS]), refused)


def _by_name(item: Any) -> dict[str, Any]:
    """The parts of an item by name, whatever version of the format their namespace says; terms as a list."""
    fields: dict[str, Any] = {"terms": []}
    for part in item:
        name, text = part.tag, part.text or ""
        if name == "category":
            fields["terms"].append((part.get("domain", ""), text.strip()))
        elif name.startswith("{"):
            space, local = name[1:].split("}")
            fields[f"content:{local}" if "content" in space else local] = text
        else:
            fields[name] = text
    return fields


def _is_wanted(fields: dict[str, Any]) -> bool:
    return (
        fields.get("post_type") in ("post", "page")
        and fields.get("status") in _STATES
        and not (fields.get("post_password") or "").strip()
    )


def _post_of(fields: dict[str, Any], language: str) -> Post:
    terms = [text for domain, text in fields["terms"] if domain in ("post_tag", "category")]
    texts = {name: str(fields.get(name) or "").strip() for name in ("guid", "link", "title", "post_name")}
    return Post(
        texts["guid"] or texts["link"],
        texts["link"],
        texts["title"],
        str(fields.get("content:encoded") or ""),
        texts["post_name"],
        language,
        tuple(dict.fromkeys(text for text in terms if text and text != "Uncategorized")),
    )


# --- the site itself ---------------------------------------------------------------------------------


def read_site(address: str, refused: list[Refused], own: str = "") -> list[Found]:
    """The published posts and pages of the WordPress site at `address`. Raises FetchFailed."""
    for root in _roots(address):
        posts = _collection(root, "posts", own)
        if posts is not None:
            return _taken(_posts([*posts, *(_collection(root, "pages", own) or [])]), refused)
    refused.append(Refused(address, 0, _("No WordPress site answers here with its REST API. Use its export file.")))
    return []


def _roots(address: str) -> Iterator[str]:
    """Where the REST API may stand: with and without names in addresses."""
    site = address.split("?")[0].split("#")[0].rstrip("/")
    yield f"{site}/wp-json/wp/v2/"
    yield f"{site}/?rest_route=/wp/v2/"


def _collection(root: str, name: str, own: str) -> list[dict[str, Any]] | None:
    """All of a site's posts or pages, page by page; None if no WordPress answers there."""
    all_: list[dict[str, Any]] = []
    number, pages = 1, 1
    while number <= pages and len(all_) < MOST_POSTS:
        asked = urlencode({"per_page": _PAGE, "page": number, "_embed": "wp:term"})
        answer, _address = get(f"{root}{name}{'&' if '?' in root else '?'}{asked}", "application/json", own)
        try:
            rows = orjson.loads(answer.body) if answer.status == 200 else None
        except orjson.JSONDecodeError:
            rows = None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return all_ or None
        all_ += rows
        told = answer.headers.get("x-wp-totalpages", "")
        pages = int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 1
        number += 1
    return all_


def _posts(rows: Iterable[dict[str, Any]]) -> Iterator[Post]:
    for row in rows:
        content = row.get("content")
        if isinstance(content, dict) and not content.get("protected"):
            yield Post(
                _rendered(row, "guid") or str(row.get("link") or ""),
                str(row.get("link") or ""),
                _rendered(row, "title"),
                _rendered(row, "content"),
                str(row.get("slug") or ""),
                str(row.get("lang") or ""),
                tuple(_terms(row)),
            )


def _rendered(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return str(value.get("rendered") or "") if isinstance(value, dict) else ""


def _terms(row: dict[str, Any]) -> Iterator[str]:
    """The names of the post's categories and tags, which come along with it."""
    embedded = row.get("_embedded")
    groups = embedded.get("wp:term") if isinstance(embedded, dict) else None
    for group in groups if isinstance(groups, list) else ():
        for term in group if isinstance(group, list) else ():
            if isinstance(term, dict) and term.get("name") not in (None, "Uncategorized"):
                yield text_of(str(term["name"]))
