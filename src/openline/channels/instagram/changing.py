"""Hiding and deleting comments. A post itself can be deleted in the app alone (with the login of Instagram, 2026)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt
from openline.channels.graph.client import Graph
from openline.channels.graph.containers import harmless
from openline.channels.graph.errors import NotThere
from openline.channels.instagram import names
from openline.channels.outgoing import HIDING


def change(graph: Graph, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Do what `outgoing.action` says to a comment. Doing it again changes nothing."""
    about = outgoing.about
    if outgoing.action == "delete" and names.posted(about):
        raise NotAllowed(_("Instagram lets programs delete no posts: delete it in the app."))
    if outgoing.action == "edit" or not names.is_comment(about):
        raise NotAllowed(_("Instagram lets programs hide and delete comments, and change nothing else."))
    if outgoing.action in HIDING:
        harmless(lambda: graph.post(about, {"hide": outgoing.action == "hide"}))
        return Receipt(about)

    def delete() -> dict[str, str]:
        try:
            harmless(lambda: graph.delete(about))
        except NotThere:
            pass  # it is gone, which is what was asked for
        return {"id": about}

    progress.step("delete", delete)
    return Receipt(about)


def find(graph: Graph, outgoing: Outgoing) -> Receipt | None:
    """The receipt, if it was done."""
    try:
        said = graph.get(outgoing.about, fields="id,hidden" if outgoing.action in HIDING else "id")
    except NotThere:
        return Receipt(outgoing.about) if outgoing.action == "delete" else None
    wanted = outgoing.action == "hide"
    return Receipt(outgoing.about) if outgoing.action in HIDING and said.get("hidden") is wanted else None
