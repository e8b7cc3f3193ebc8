"""Trying out: Threads has no message to oneself, but what is prepared there and not published is seen by nobody."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import AccountRef, NetworkDown, Outgoing, Rejected
from openline.channels.graph.containers import FINISHED, harmless
from openline.channels.threads import writing
from openline.channels.threads.client import opened
from openline.channels.threads.connecting import who_of


def try_out(account: AccountRef, text: str) -> str:
    """Prepare `text` as a post, and see that it could be published. Threads throws it away after a day."""
    outgoing = Outgoing(text)
    writing.refuse(outgoing)
    with opened(account) as graph:
        who = who_of(graph)
        made = harmless(
            lambda: graph.post("me/threads", writing.container(outgoing, 0, writing.texts(outgoing)[0], ""))
        )
        if not (container := reading.text(made, "id")):
            raise NetworkDown(_("Threads names no id for what was prepared."))
        state = reading.text(graph.get(container, fields="id,status,error_message"), "status")
    if state != FINISHED:
        raise Rejected(_("Threads could not prepare the post: %s") % state)
    return (
        _(
            "Threads took the text as a post of @%s, ready to be published. It was not published, nobody saw it, and"
            " Threads throws it away after a day."
        )
        % who.handle
    )
