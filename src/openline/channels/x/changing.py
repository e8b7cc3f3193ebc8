"""Taking back what we said, and hiding answers of others under our posts."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels.base import NotAllowed, Outgoing, Progress, Receipt
from openline.channels.http import NotThere
from openline.channels.outgoing import HIDING
from openline.channels.reading import child, children, text
from openline.channels.x.client import Api


def change(api: Api, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Delete a post or message of ours, or hide what somebody answered, or show it again."""
    if outgoing.action == "edit":
        raise NotAllowed(_("X lets no self-serve app change a post: take it back and say it anew."))
    call = _hide if outgoing.action in HIDING else _delete
    return Receipt(**progress.step(outgoing.action, partial(call, api, outgoing)))


def find(api: Api, outgoing: Outgoing) -> Receipt | None:
    """Is the post gone? (What is hidden X does not tell; hiding twice does no harm.)"""
    if outgoing.action != "delete" or outgoing.visibility == "private":
        return None
    page = api.posts("/2/tweets", {"ids": outgoing.about})
    there = any(text(one, "id") == outgoing.about for one in children(page, "data"))
    return None if there else Receipt(outgoing.about)


def _delete(api: Api, outgoing: Outgoing) -> dict[str, Any]:
    kind = "dm_events" if outgoing.visibility == "private" else "tweets"
    try:
        said = api.change("DELETE", f"/2/{kind}/{outgoing.about}")
    except NotThere:
        return {"network_id": outgoing.about}
    if child(said, "data").get("deleted") is False:
        raise NotAllowed(_("X does not take this post back."))
    return {"network_id": outgoing.about}


def _hide(api: Api, outgoing: Outgoing) -> dict[str, Any]:
    wanted = outgoing.action == "hide"
    said = api.change("PUT", f"/2/tweets/{outgoing.about}/hidden", {"hidden": wanted})
    if child(said, "data").get("hidden") is (not wanted):
        raise NotAllowed(_("X does not hide this answer: it must stand under a post of this account."))
    return {"network_id": outgoing.about}
