"""The live test of an account: a post for nobody but ourselves, read on the server and taken back."""

from __future__ import annotations

from urllib.parse import quote

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import AccountRef, NetworkDown, NotAllowed, Unclear
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.errors import Missing
from openline.channels.mastodon.finding import me
from openline.channels.mastodon.limits import limits_of
from openline.channels.mastodon.reading import post_id, who
from openline.channels.mastodon.writing import same_words


def try_out(account: AccountRef, text: str, key: str) -> str:
    """Post `text` privately without naming anybody, so that only the account itself sees it."""
    server = Server(account)
    handle = who(me(server)).handle
    text = text.replace("@", "")  # a name in it would receive it
    wording = limits_of(server).wording(text)
    made = server.object(
        lambda client: client.status_post(wording, visibility="direct", idempotency_key=quote(key, safe=":/-_. ")),
        sending=True,
    )
    post = post_id(made)
    if not post:
        raise Unclear("The server took the post, but names no id.")
    seen = server.object(lambda client: client.status(post))
    if not same_words(seen, text):
        raise NetworkDown(_("The server shows other words than those that were sent."))
    if reading.text(seen, "visibility") not in ("direct", "private"):
        raise NotAllowed(_("The server shows a private post to others: take it back on the server's own page."))
    return _taken_back(server, post, handle)


def _taken_back(server: Server, post: str, handle: str) -> str:
    """Delete it; says in words what was seen."""
    try:
        server.ask(lambda client: client.status_delete(post), sending=True)
    except Missing:
        return _(
            "A private post by %(handle)s arrived on the server and was seen there. This server lets no program take"
            " it back; nobody else can see it."
        ) % {"handle": handle}
    return _("A private post by %(handle)s arrived on the server, was seen there and taken back.") % {"handle": handle}
