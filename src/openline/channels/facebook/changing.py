"""Posts and comments changed, taken back and hidden. What is gone already is done."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels import reading as plain
from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt
from openline.channels.facebook import finding, reading, rules, writing
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere
from openline.channels.outgoing import HIDING


def change(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Carry out `outgoing.action` on `outgoing.about`."""
    about = outgoing.about
    if writing.is_message(about) or outgoing.visibility == "private":
        raise NotAllowed(_("What was said in Messenger cannot be changed or taken back by the page."))
    if outgoing.action == "edit":
        return _edit(graph, page, outgoing, progress)
    try:
        if outgoing.action == "delete":
            graph.delete(about)
        else:
            graph.post(about, {"is_hidden": outgoing.action == "hide"})
    except NotThere:
        finding.must_see(graph, page)  # it is gone already
    return Receipt(about)


def is_done(graph: Graph, page: str, outgoing: Outgoing) -> bool:
    """Whether it was carried out already. An edit is simply made again: that changes nothing."""
    if outgoing.action == "edit":
        return False
    try:
        said = graph.get(outgoing.about, fields="id,is_hidden")
    except NotThere:
        finding.must_see(graph, page)
        return True
    return outgoing.action in HIDING and said.get("is_hidden") is (outgoing.action == "hide")


def _edit(graph: Graph, page: str, outgoing: Outgoing, progress: Progress) -> Receipt:
    """New words; the pictures of a post cannot be changed any more."""
    is_post = outgoing.about.startswith(f"{page}_")
    text = (
        writing.post_text(outgoing)
        if is_post
        else writing.limited(writing.writable(outgoing.text), rules.COMMENT_LIMIT)
    )
    values = {"description" if outgoing.about.isdecimal() else "message": text}  # a film that has no post yet
    if is_post and (planned := writing.plan(outgoing)):
        said = graph.get(outgoing.about, fields="id,is_published")
        if said.get("is_published") is False:
            values["scheduled_publish_time"] = str(planned["scheduled_publish_time"])
    progress.step("edit", lambda: plain.text(graph.post(outgoing.about, values), "id"))
    return Receipt(outgoing.about, reading.address(outgoing.about))
