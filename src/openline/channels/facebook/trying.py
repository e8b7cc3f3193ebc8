"""A test post that nobody sees: unpublished, read back, taken away."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels import reading as plain
from openline.channels.base import Unclear
from openline.channels.facebook import writing
from openline.channels.graph.client import Graph


def try_out(graph: Graph, page: str, text: str) -> str:
    """Make a draft of the page, see that it is there, and delete it."""
    values = {"message": text, "published": False, "unpublished_content_type": "DRAFT"}
    made = plain.text(graph.post(f"{page}/feed", values), "id")
    try:
        said = graph.get(made, fields="id,message,is_published")
        if said.get("is_published") is True or not writing.same_words(plain.text(said, "message"), text):
            raise Unclear(_("Facebook shows the draft otherwise than it was written."))
    finally:
        graph.delete(made)
    return _("A draft was made on the page, read back and deleted again; nobody saw it.")
