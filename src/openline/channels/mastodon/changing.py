"""Changing and taking back what was said on a Mastodon server."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

from openline.channels import reading
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt, Rejected
from openline.channels.mastodon import media, writing
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import Missing, NotThere
from openline.channels.mastodon.limits import limits_of, refuse


def edit(server: Server, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Change a post's words, and its files if there are new ones."""
    refuse(outgoing, limits_of(server), progress)
    files = media.upload(server, outgoing.media, key, progress)
    return Receipt(**progress.step("edit", partial(_edit, server, outgoing, files)))


def _edit(server: Server, outgoing: Outgoing, files: list[str]) -> dict[str, Any]:
    text, status = _text(server, outgoing), _status(server, outgoing.about)
    if reading.child(status, "poll"):
        raise NotAllowed("A change would lose the votes of this poll.")
    # A server drops the files that an edit does not name again.
    files = files or [reading.text(item, "id") for item in reading.children(status, "media_attachments")]
    answer = server.object(
        lambda client: client.status_update(
            outgoing.about,
            limits_of(server).wording(text),
            spoiler_text=outgoing.warning or None,
            media_ids=files or None,
        ),
        sending=True,
    )
    return writing.kept(answer)


def _text(server: Server, outgoing: Outgoing) -> str:
    limits = limits_of(server)
    texts = writing.status_texts(outgoing, limits.text, limits.url)
    if len(texts) > 1:
        raise Rejected(f"A changed text must fit in one post of {limits.text} characters.", "text")
    return texts[0]


def _status(server: Server, network_id: str) -> dict[str, Any]:
    try:
        return server.object(lambda client: client.status(network_id))
    except NotThere as error:
        raise Rejected("The post is not on the server any more.", "about") from error


def delete(server: Server, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Take the post back; one that is gone already is fine."""
    return Receipt(**progress.step("delete", partial(_delete, server, outgoing.about)))


def _delete(server: Server, network_id: str) -> dict[str, Any]:
    try:
        server.ask(lambda client: client.status_delete(network_id), sending=True)
    except Missing as error:
        if _is_there(server, network_id):
            raise NotAllowed("This server lets no program take posts back: do it on its own page.") from error
    return {"network_id": network_id}


def _is_there(server: Server, network_id: str) -> bool:
    with suppress(NotThere):
        return bool(server.object(lambda client: client.status(network_id)))
    return False


def find(server: Server, outgoing: Outgoing) -> Receipt | None:
    """Look whether the post says the new words, or is gone."""
    if outgoing.action == "delete":
        return None if _is_there(server, outgoing.about) else Receipt(outgoing.about)
    status = _status(server, outgoing.about)
    return writing.receipt(status) if writing.same_words(status, _text(server, outgoing)) else None
