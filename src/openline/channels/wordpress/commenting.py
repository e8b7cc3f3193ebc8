"""Comments: our answers in their threads, changed and taken back, and residents' comments hidden by a person."""

from __future__ import annotations

from typing import Any

from openline.channels import reading
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.wordpress import uploading, writing
from openline.channels.wordpress.client import PAGE, NotThere, SaidBefore, Site
from openline.channels.wordpress.publishing import bin_or_away

_STANDING = ("approved", "hold")
_FIELDS = "id,post,parent,author,author_user_agent,status,link,_links.self"


def answer(site: Site, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Say it under the comment, or the post, that it answers. Under a comment that waits, it is shown with it."""
    post, parent = _place(site, outgoing.in_reply_to)
    media = uploading.files(site, outgoing, key, progress, post)
    pictures = bool(media) and site.may("unfiltered_html")
    html = writing.comment_html(outgoing.text, media, pictures=pictures)
    return Receipt(**progress.step("comment", lambda: _once(site, post, parent, html, key)))


def find_sent(site: Site, outgoing: Outgoing, key: str) -> Receipt | None:
    """Our comment that was written with `key`, whatever became of it."""
    try:
        post, parent = _place(site, outgoing.in_reply_to)
    except Rejected:
        return None
    found = _find(site, post, parent, key)
    return Receipt(**found) if found else None


def edit(site: Site, outgoing: Outgoing, key: str, progress: Progress, number: int) -> Receipt:
    """Give a comment of ours new words."""
    found = _ours(site, number)
    media = uploading.files(site, outgoing, key, progress, int(reading.text(found, "post") or 0))
    pictures = bool(media) and site.may("unfiltered_html")
    values = {"content": writing.comment_html(outgoing.text, media, pictures=pictures)}
    return Receipt(**progress.step("edit", lambda: _receipt(site.post(f"comments/{number}", values))))


def delete(site: Site, number: int) -> Receipt:
    """Put a comment of ours into the bin."""
    try:
        if reading.text(_ours(site, number), "status") != "trash":
            bin_or_away(site, f"comments/{number}")
    except NotThere:
        pass  # it is gone already
    return Receipt(f"comment:{number}")


def hide(site: Site, number: int) -> Receipt:
    """Take a comment out of public sight: it waits for approval again, and nothing of it is lost."""
    try:
        found = site.object(f"comments/{number}", context="edit", _fields=_FIELDS)
        if reading.text(found, "status") == "approved":  # WordPress answers 500 where nothing is to be changed
            site.post(f"comments/{number}", {"status": "hold"})
    except NotThere:
        pass  # it is gone already
    return Receipt(f"comment:{number}")


def show(site: Site, number: int) -> Receipt:
    """Approve a comment that was taken out of sight."""
    try:
        found = site.object(f"comments/{number}", context="edit", _fields=_FIELDS)
        if reading.text(found, "status") != "approved":
            site.post(f"comments/{number}", {"status": "approved"})
    except NotThere:
        raise Rejected("The comment is gone: it cannot be shown again.", "about") from None
    return Receipt(f"comment:{number}")


def is_out_of_sight(site: Site, number: int, *, gone: bool) -> bool:
    """True if that comment is not public, and with `gone` does not even wait."""
    try:
        status = reading.text(site.object(f"comments/{number}", context="edit", _fields="id,status"), "status")
    except NotThere:
        return True
    return status not in (_STANDING if gone else ("approved",))


def _place(site: Site, above: str) -> tuple[int, int]:
    """The post and the parent comment (0: none) of an answer to `above`."""
    kind, number = split(above)
    if kind == "post":
        return number, 0
    try:
        comment = site.object(f"comments/{number}", context="edit", _fields=_FIELDS)
    except NotThere as error:
        raise Rejected("The comment to answer is gone.", "in_reply_to") from error
    if reading.text(comment, "status") not in _STANDING:
        raise Rejected("The comment to answer was deleted or marked as spam.", "in_reply_to")
    return int(reading.text(comment, "post") or 0), number


def split(network_id: str) -> tuple[str, int]:
    """The kind and the number of `comment:12` or `post:12`; raises Rejected on what is no id of ours."""
    kind, _, number = network_id.partition(":")
    if kind not in ("comment", "post") or not number.isdecimal():
        raise Rejected(f"{network_id!r} names nothing on a WordPress site.", "in_reply_to")
    return kind, int(number)


def _once(site: Site, post: int, parent: int, html: str, key: str) -> dict[str, Any]:
    """Our comment: there from an earlier try, or written now. WordPress refuses the same words at the same place."""
    if found := _find(site, post, parent, key):
        return found
    values = {"post": post, "parent": parent, "content": html, "author_user_agent": writing.agent(key)}
    try:
        return _receipt(site.post("comments", values))
    except SaidBefore:
        if found := _find(site, post, parent, key):
            return found
        raise


def _find(site: Site, post: int, parent: int, key: str) -> dict[str, Any] | None:
    found, _total = site.items(
        "comments",
        post=post,
        parent=parent,
        author=site.user(),
        status="any",
        context="edit",
        orderby="id",
        order="desc",
        per_page=PAGE,
        _fields=_FIELDS,
    )
    ours = [item for _raw, item in found if reading.text(item, "author_user_agent") == writing.agent(key)]
    return _receipt(ours[-1]) if ours else None


def _ours(site: Site, number: int) -> dict[str, Any]:
    found = site.object(f"comments/{number}", context="edit", _fields=_FIELDS)
    if reading.text(found, "author") != site.user():
        raise NotAllowed("This comment was not written by this account.")
    return found


def _receipt(comment: dict[str, Any]) -> dict[str, Any]:
    """The receipt as JSON."""
    number = reading.text(comment, "id")
    if not number:
        raise Unclear("The site took the comment, but names no id.")
    links = reading.children(reading.child(comment, "_links"), "self")
    uri = reading.web_address(links[0], "href") if links else ""
    return {"network_id": f"comment:{number}", "url": reading.web_address(comment, "link"), "uri": uri}
