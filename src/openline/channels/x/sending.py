"""Saying something on X, once: posts, numbered threads, private messages; and looking for what was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import parts
from openline.channels.base import AccountRef, NotAllowed, Outgoing, Progress, Receipt, Rejected, Unclear
from openline.channels.reading import child, text
from openline.channels.x import changing, costs, uploading, writing
from openline.channels.x.client import Api
from openline.channels.x.finding import Said
from openline.channels.x.reading import SITE
from openline.channels.x.refusals import Duplicate


def send(account: AccountRef, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Do what `outgoing` says."""
    with Api(account) as api:
        if outgoing.action != "post":
            return _priced(account, outgoing, [], changing.change(api, outgoing, progress))
        said = _texts(account, outgoing, progress)
        files: list[str] = []
        if not progress.done("post"):
            costs.refuse(account, costs.of(account, outgoing, said))
            files = uploading.upload(api, outgoing, progress)
        post = partial(_message if outgoing.visibility == "private" else _post, api, outgoing, files)
        return _priced(account, outgoing, said, parts.say(progress, said, post))


def find_sent(account: AccountRef, outgoing: Outgoing, progress: Progress, since: datetime) -> Receipt | None:
    """Look on X for what an earlier try did."""
    with Api(account) as api:
        if outgoing.action != "post":
            found = changing.find(api, outgoing)
            return _priced(account, outgoing, [], found) if found else None
        said = _texts(account, outgoing, progress)
        ours = Said(api, outgoing, since)
        found = parts.find(progress, said, lambda n, words, above: _look(ours, outgoing, words, above))
        return _priced(account, outgoing, said, found) if found else None


def _texts(account: AccountRef, outgoing: Outgoing, progress: Progress) -> list[str]:
    """Kept, so that a later try cuts at the same places."""
    said: list[str] = progress.step("texts", partial(writing.texts, account, outgoing))
    return said


def _look(ours: Said, outgoing: Outgoing, words: str, above: str) -> dict[str, Any] | None:
    found = ours.find(words, above or outgoing.in_reply_to)
    return _kept(found, ours.handle) if found else None


def _post(api: Api, outgoing: Outgoing, files: list[str], n: int, words: str, above: str) -> dict[str, Any]:
    """Post part `n`. If X says that it has these words from us already, they are looked for: it may be our lost try."""
    parent = above or outgoing.in_reply_to
    try:
        made = api.change("POST", "/2/tweets", writing.body(outgoing, words, parent, files, n == 0))
    except Duplicate:
        ours = Said(api, outgoing, None)
        if found := ours.find(words, parent):
            return _kept(found, ours.handle)
        raise
    return _kept(text(child(made, "data"), "id"), api.account.handle)


def _message(api: Api, outgoing: Outgoing, files: list[str], n: int, words: str, above: str) -> dict[str, Any]:
    to = outgoing.in_reply_to_author
    if not to.isdecimal():
        raise Rejected(_("X needs the number of the person to write to."), "to")
    try:
        made = api.change("POST", f"/2/dm_conversations/with/{to}/messages", writing.message(words, files))
    except NotAllowed as error:
        raise NotAllowed(_("This person takes no messages from the account. (%s)") % error.reason) from error
    message_id = text(child(made, "data"), "dm_event_id")
    if not message_id:
        raise Unclear("X took the message, but names no id.")
    return {"network_id": message_id, "url": "", "uri": ""}


def _kept(post_id: str, handle: str) -> dict[str, Any]:
    if not post_id:
        raise Unclear("X took the post, but names no id.")
    return {"network_id": post_id, "url": f"{SITE}/{handle.removeprefix('@') or 'i'}/status/{post_id}", "uri": ""}


def _priced(account: AccountRef, outgoing: Outgoing, said: list[str], receipt: Receipt) -> Receipt:
    """With what it cost: the ledger adds that up."""
    price = costs.of(account, outgoing, said)
    return replace(receipt, facts={**receipt.facts, costs.FACT: str(price)}) if price else receipt
