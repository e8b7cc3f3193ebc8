"""Posts and pages: out as one post whatever happens, changed, and taken back.

A post begins as a draft that nobody sees, is filled, and is published by one last change of that draft. So each step
may be repeated: at worst a draft is left behind that nobody ever sees, never a second post. By the mark that the draft
was made with it is found again (`writing.block`).
"""

from __future__ import annotations

from datetime import UTC
from html import escape
from typing import Any

from openline.channels import reading
from openline.channels.base import Article, NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.wordpress import uploading, writing
from openline.channels.wordpress.client import NEWEST, PAGE, NoBin, NotThere, Site
from openline.channels.wordpress.writing import Uploaded

_STATES = "publish,future,draft,pending,private,trash"
_FIELDS = "id,status,link,guid.rendered,content.raw,author"


def publish(site: Site, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Publish, or plan, the article of `outgoing` (or a post made of its words)."""
    article, word = writing.article_of(outgoing), writing.mark(key)
    kind = _kind(article)
    draft = progress.step("draft", lambda: _brief(_find(site, kind, word) or _draft(site, kind, article, word)))
    if draft["receipt"]:
        return Receipt(**draft["receipt"])
    media = uploading.files(site, outgoing, key, progress, draft["id"])
    values = _values(site, article, media, progress)
    path = f"{kind}/{draft['id']}"
    body = {"content": _content(outgoing, article, media, writing.block(word, unfinished=True))}
    progress.step("fill", lambda: _change(site, path, values | body)["id"])
    last = {"status": "publish", "content": _content(outgoing, article, media, writing.block(word))} | _when(outgoing)
    return Receipt(**progress.step("publish", lambda: _receipt(_change(site, path, last))))


def find_sent(site: Site, outgoing: Outgoing, key: str, progress: Progress) -> Receipt | None:
    """The post that was sent with `key`, whatever people made of it; a draft of ours is kept for `publish`."""
    kind, known = _kind(writing.article_of(outgoing)), progress.done("draft")
    found = _known(site, f"{kind}/{known['id']}") if known else None
    found = found or _find(site, kind, writing.mark(key))
    if not found:
        return None
    if writing.settled_state(found):
        return Receipt(**_receipt(found))
    progress.step("draft", lambda: _brief(found))
    return None


def edit(site: Site, outgoing: Outgoing, key: str, progress: Progress, number: int) -> Receipt:
    """Give a post of ours new words, terms and files; its state and its mark stay."""
    path, post = _ours(site, number)
    article = writing.article_of(outgoing)
    media = uploading.files(site, outgoing, key, progress, number)
    values = _values(site, article, media, progress)
    values["content"] = _content(outgoing, article, media, writing.mark_of(_raw_content(post)))
    if reading.text(post, "status") == "future":
        values |= _when(outgoing)
    return Receipt(**progress.step("edit", lambda: _receipt(site.post(path, values))))


def delete(site: Site, number: int) -> Receipt:
    """Put a post of ours into the bin, from where a person can bring it back for a month."""
    receipt = Receipt(f"post:{number}")
    try:
        path, post = _ours(site, number)
        if reading.text(post, "status") != "trash":
            bin_or_away(site, path)
    except NotThere:
        pass  # it is gone already
    return receipt


def is_gone(site: Site, number: int) -> bool:
    """True if that post stands no more."""
    try:
        _path, post = _standing(site, number)
    except NotThere:
        return True
    return reading.text(post, "status") == "trash"


def bin_or_away(site: Site, path: str) -> None:
    """Into the bin; away for good where the site has none."""
    try:
        site.delete(path)
    except NoBin:
        site.delete(path, force=True)


def _kind(article: Article) -> str:
    return "pages" if article.page else "posts"


def _find(site: Site, kind: str, word: str) -> dict[str, Any] | None:
    """The post with that mark: the one in people's sight, else the oldest draft."""
    ask = {"status": _STATES, "context": "edit", "orderby": "id", "_fields": _FIELDS}
    for some in ({"search": word, "per_page": PAGE}, {"author": site.user(), "per_page": NEWEST}):
        found, _total = site.items(kind, **ask, **some)
        ours = [item for _raw, item in reversed(found) if word in _raw_content(item)]
        if ours:
            return next((item for item in ours if writing.settled_state(item)), ours[0])
    return None


def _draft(site: Site, kind: str, article: Article, word: str) -> dict[str, Any]:
    mark = writing.block(word, unfinished=True)
    return site.post(kind, {"title": escape(article.title, quote=False), "content": mark, "status": "draft"})


def _brief(post: dict[str, Any]) -> dict[str, Any]:
    """What to remember of a draft; the receipt if there is nothing left to do for us."""
    if not isinstance(post.get("id"), int):
        raise Unclear("The site took the post, but names no id.")
    return {"id": post["id"], "receipt": _receipt(post) if writing.settled_state(post) else None}


def _change(site: Site, path: str, values: dict[str, Any]) -> dict[str, Any]:
    """Change our draft; a post that was published by us, or taken over by people, stays as it is."""
    post = site.object(path, context="edit", _fields=_FIELDS)
    if writing.settled_state(post):
        return post
    if reading.text(post, "status") == "trash":
        raise Rejected("A person put the draft of this post into the bin.")
    return site.post(path, values)


def _values(site: Site, article: Article, media: list[Uploaded], progress: Progress) -> dict[str, Any]:
    """Everything of a post but its content, its state and its time."""
    values: dict[str, Any] = {"title": escape(article.title, quote=False)}
    if article.slug:
        values["slug"] = article.slug
    if media and media[0].media.kind == "image":
        values["featured_media"] = media[0].id
    if article.page:
        return values
    if article.excerpt:
        values["excerpt"] = escape(article.excerpt, quote=False)
    for kind, names in (("categories", article.categories), ("tags", article.tags)):
        if names:
            values[kind] = uploading.terms(site, kind, names, progress)
    return values


def _content(outgoing: Outgoing, article: Article, media: list[Uploaded], mark: str) -> str:
    """The featured image stands above the text by the theme, so only the others stand in it."""
    shown = media[1:] if media and media[0].media.kind == "image" else media
    return writing.content(article, outgoing.language, shown, mark)


def _when(outgoing: Outgoing) -> dict[str, str]:
    """A time to come makes WordPress publish it by itself."""
    if not outgoing.publish_at:
        return {}
    return {"date_gmt": outgoing.publish_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}


def _ours(site: Site, number: int) -> tuple[str, dict[str, Any]]:
    """Where that post of ours stands, and as it is; raises NotAllowed if it is not ours."""
    path, post = _standing(site, number)
    if not writing.mark_of(_raw_content(post)) and reading.text(post, "author") != site.user():
        raise NotAllowed("This post was not written by this account.")
    return path, post


def _standing(site: Site, number: int) -> tuple[str, dict[str, Any]]:
    """A post or a page of that number; raises NotThere."""
    for kind in ("posts", "pages"):
        if post := _known(site, f"{kind}/{number}"):
            return f"{kind}/{number}", post
    raise NotThere("The post is gone.")


def _known(site: Site, path: str) -> dict[str, Any] | None:
    try:
        return site.object(path, context="edit", _fields=_FIELDS)
    except NotThere:
        return None


def _raw_content(post: dict[str, Any]) -> str:
    return reading.text(reading.child(post, "content"), "raw")


def _receipt(post: dict[str, Any]) -> dict[str, Any]:
    """The receipt as JSON."""
    guid = reading.text(reading.child(post, "guid"), "rendered")
    return {"network_id": f"post:{reading.text(post, 'id')}", "url": reading.web_address(post, "link"), "uri": guid}
