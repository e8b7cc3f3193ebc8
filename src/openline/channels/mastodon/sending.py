"""Saying something on a Mastodon server, once, in as many posts as it takes; and looking for what was said."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from mastodon import Mastodon

from openline.channels import parts
from openline.channels.base import AccountRef, NotAllowed, Outgoing, Progress, Receipt
from openline.channels.mastodon import changing, finding, media, writing
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.limits import limits_of, refuse
from openline.channels.mastodon.reading import post_id
from openline.channels.outgoing import HIDING


def send(account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Do what `outgoing` says."""
    server = Server(account)
    if outgoing.action == "edit":
        return changing.edit(server, outgoing, key, progress)
    if outgoing.action == "delete":
        return changing.delete(server, outgoing, progress)
    if outgoing.action in HIDING:
        raise NotAllowed("On Mastodon nobody can hide what others say; the account can block or report them.")
    files: list[str] = []
    if not progress.done("post"):
        refuse(outgoing, limits_of(server), progress)
        files = media.upload(server, outgoing.media, key, progress)
    return parts.say(progress, _texts(server, outgoing, progress), partial(_post, server, outgoing, key, files))


def find_sent(account: AccountRef, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """Look on the server for what an earlier try did."""
    server = Server(account)
    if outgoing.action != "post":
        return changing.find(server, outgoing)
    own = finding.OwnPosts(server, outgoing, since)

    def is_it(n: int, post: dict[str, Any], text: str, under: str) -> bool:
        same = writing.is_it(post, text, under) and (n or writing.has_the_rest(post, outgoing))
        return bool(same) and not account.ledger.ours(post_id(post))  # the same words may have been said twice

    def look(n: int, text: str, above: str) -> dict[str, Any] | None:
        found = (post for post in own if is_it(n, post, text, above or outgoing.in_reply_to))
        return next(map(writing.kept, found), None)

    return parts.find(progress, _texts(server, outgoing, progress), look)


def _texts(server: Server, outgoing: Outgoing, progress: Progress) -> list[str]:
    """The posts that it takes. By which limits is kept, so that a later try cuts at the same places."""
    limits = limits_of(server)
    text, url = progress.step("limits", lambda: [limits.text, limits.url])
    return writing.status_texts(outgoing, text, url)


def _post(
    server: Server, outgoing: Outgoing, key: str, files: list[str], n: int, text: str, above: str
) -> dict[str, Any]:
    """Post part `n`; only the first has the files and the poll."""
    key = f"{key}/{n}" if n else key
    poll = outgoing.poll if n == 0 else None
    wording = limits_of(server).wording(text)

    def post(client: Mastodon) -> Any:
        return client.status_post(
            wording,
            in_reply_to_id=above or outgoing.in_reply_to or None,
            media_ids=files if files and n == 0 else None,
            spoiler_text=outgoing.warning or None,
            poll=client.make_poll(list(poll.options), poll.seconds, poll.multiple) if poll else None,
            visibility="direct" if outgoing.visibility == "private" else "public",
            language=writing.language(outgoing.language),
            idempotency_key=quote(key, safe=":/-_. "),
        )

    return writing.kept(server.object(post, sending=True))
