"""Speaking on Nostr: files first, then everything is signed once and kept, then it is given to the relays."""

from __future__ import annotations

from functools import partial
from typing import Any

from openline.channels import parts
from openline.channels.base import AccountRef, Outgoing, Progress, Receipt, Rejected
from openline.channels.nostr import changing, limits, publishing, uploading
from openline.channels.nostr.relays import relays_of
from openline.channels.nostr.signer import Signer
from openline.channels.nostr.uploading import Kept
from openline.channels.nostr.writing import Part, Writing, write

TEXT_LIMIT = 2000


def say(account: AccountRef, signer: Signer, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
    """Do what `outgoing` says; goes on behind what an earlier try has done."""
    signed: list[Part] = progress.done("sign") or _sign(account, signer, outgoing, key, progress)

    def give(n: int, _text: str, _above: str) -> dict[str, Any]:
        return _said(signed[n], publishing.deliver(account, signer, signed[n]["letters"]))

    receipt = parts.say(progress, [one["network_id"] for one in signed], give)
    return _receipt(receipt, signed, progress, uploading.facts(account, outgoing, progress))


def find(account: AccountRef, signer: Signer, outgoing: Outgoing, progress: Progress) -> Receipt | None:
    """Ask the relays for the events that were signed; if none was, nothing was published."""
    signed: list[Part] | None = progress.done("sign")
    if not signed:
        return None

    def look(n: int, _text: str, _above: str) -> dict[str, Any] | None:
        there = publishing.arrived(account, signer, signed[n]["letters"])
        return _said(signed[n], {"took": [], "missed": {}}) if there else None

    found = parts.find(progress, [one["network_id"] for one in signed], look)
    return _receipt(found, signed, progress, uploading.facts(account, outgoing, progress)) if found else None


def _sign(account: AccountRef, signer: Signer, outgoing: Outgoing, key: str, progress: Progress) -> list[Part]:
    if outgoing.action != "post":
        return list(progress.step("sign", lambda: [changing.change(account, signer, outgoing)]))
    _check(outgoing)
    files = uploading.upload_all(account, signer, outgoing, progress)
    return list(progress.step("sign", partial(_write, account, signer, outgoing, key, files)))


def _check(outgoing: Outgoing) -> None:
    """Raises Rejected for what would fail after the files were uploaded."""
    if outgoing.text.encode("utf-8", "replace").decode() != outgoing.text:
        raise Rejected("The text holds characters that cannot be written.", "text")
    if outgoing.visibility == "private" and not outgoing.in_reply_to_author:
        raise Rejected("A private message needs somebody to go to.", "in_reply_to_author")
    parts.split(outgoing.text, TEXT_LIMIT, len)


def _write(account: AccountRef, signer: Signer, outgoing: Outgoing, key: str, files: list[Kept]) -> list[Part]:
    limit = limits.text_limit(relays_of(account), TEXT_LIMIT, private=outgoing.visibility == "private")
    answered = _answered(account, signer, outgoing)
    return write(Writing(account, signer, outgoing, key, files, answered, limit))


def _answered(account: AccountRef, signer: Signer, outgoing: Outgoing) -> dict[str, Any]:
    """The public event that is answered, which knows its thread; as far as we know it if no relay has it any more."""
    name = outgoing.in_reply_to
    if outgoing.visibility == "private" or not name:
        return {}
    found = changing.newest(account, signer, name)
    if found:
        return found
    root = outgoing.thread_root if outgoing.thread_root != name and len(outgoing.thread_root) == 64 else ""
    tags = [["e", root, "", "root"]] if root else []
    if len(name) != 64 or not outgoing.in_reply_to_author:
        raise Rejected("None of the account's relays has the post that is answered.", "in_reply_to")
    return {"id": name, "kind": 1, "pubkey": outgoing.in_reply_to_author, "tags": tags}


def _said(one: Part, outcome: publishing.Outcome) -> dict[str, Any]:
    return {"network_id": one["network_id"], "url": one["url"], "uri": one["uri"], "outcome": outcome}


def _receipt(receipt: Receipt, signed: list[Part], progress: Progress, files: dict[str, str]) -> Receipt:
    """With the other names of what was said, and the facts: which relays took it, where its files lie."""
    outcomes = [progress.done(f"post {n}" if n else "post")["outcome"] for n in range(len(signed))]
    more = tuple(name for one in signed for name in one["more"])
    facts = publishing.facts(outcomes) | files
    return Receipt(receipt.network_id, receipt.url, receipt.uri, (*more, *receipt.parts), facts)
