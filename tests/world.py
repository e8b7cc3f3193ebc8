"""A small world that tests share: a network in a file, a city account on it, and named residents."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from openline.accounts.models import Account
from openline.channels import parts, registry
from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Heard,
    Incoming,
    Media,
    MediaRule,
    NetworkDown,
    Outgoing,
    Progress,
    Pushed,
    Receipt,
    Refused,
    Rejected,
    Said,
    Shared,
    Taken,
    Unclear,
    Unverified,
    Who,
)
from openline.outbox import sending
from openline.outbox.models import Delivery


class FileNetwork(Channel):
    """A network that keeps its posts in a file and recognises no repeated send: the harshest there is.

    `faults` is a file with a number: so many of the next sends are taken but their answer is lost.
    """

    network: ClassVar[str] = "file"
    label: ClassVar[str] = "File"
    secrets: ClassVar[tuple[str, ...]] = ("token",)
    capabilities: ClassVar[Capabilities] = Capabilities(
        500,
        True,
        True,
        True,
        "poll",
        idempotent_send=False,
        finds_lost=("public", "private"),
        lists_said=True,
        too_long="thread",
        hide=True,
        media=(MediaRule("image", ("image/jpeg",), 1, 5_000_000),),
        metrics=("likes", "reposts", "replies", "views"),
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        yield self.poll(account, cursor)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        return Heard((), cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        try:
            value = json.loads(raw)
            posted = datetime.fromisoformat(value["posted_at"]) if value.get("posted_at") else datetime.now(UTC)
            return Incoming(
                value.get("kind", "post"),
                value["id"],
                value.get("event", value["id"]),
                raw,
                uri=value.get("uri", ""),
                text=value.get("text", ""),
                author_id=value.get("by", "maria"),
                author_handle="@" + value.get("by", "maria"),
                posted_at=posted,
                in_reply_to=value.get("to", ""),
                visibility=value.get("visibility", "public"),
                media=tuple(Media(**item) for item in value.get("media", [])),
                latitude=value.get("lat"),
                longitude=value.get("lon"),
                subject=value.get("subject", ""),
                whole=value.get("whole", ""),
                references=tuple(value.get("references", ())),
                thread=value.get("thread", ""),
                automatic=value.get("automatic", False),
                facts=value.get("facts", {}),
                status=value.get("status", ""),
                reason=value.get("reason", ""),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return Refused(raw, f"unreadable: {error!r}")

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        if outgoing.action != "post":
            return Receipt(progress.step(outgoing.action, lambda: self._post(account, outgoing)))
        texts = parts.split(outgoing.text, self.capabilities.text_limit, len)

        def post(n: int, text: str, above: str) -> dict[str, str]:
            part = replace(outgoing, text=text, in_reply_to=above or outgoing.in_reply_to)
            return {"network_id": self._post(account, part)}

        return parts.say(progress, texts, post)

    def said(self, account: AccountRef, since: datetime) -> Iterable[Said]:
        said = (
            Said(one["id"], one["text"], datetime.fromtimestamp(float(one["id"].split("-")[-1]), UTC), one["to"])
            for one in posts(account.server)
        )
        return [one for one in said if one.posted_at >= since]

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """What stands in the file beside the network: counts by id; an id with null is gone."""
        file = Path(account.server + ".metrics")
        told = json.loads(file.read_text()) if file.exists() else {}
        if told == "away":
            raise NetworkDown("the network is away")
        return {one: told.get(one, {}) for one in network_ids if told.get(one, {}) is not None}

    def answer_at_once(self, account: AccountRef, incoming: Incoming) -> str:
        return incoming.facts.get("at_once", "")

    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        if pushed.headers.get("x-secret") != account.credentials["token"]:
            raise Unverified("wrong secret")
        return Taken((self.parse(pushed.body),), body="thanks")

    def share(self, accounts: Sequence[AccountRef], pushed: Pushed) -> Shared:
        """One call for several accounts: {"entry": [{"account": handle, "posts": [...]}], "gone": [handles]}."""
        ours = [one for one in accounts if pushed.headers.get("x-secret") == one.credentials.get("token")]
        if not ours:
            raise Unverified("wrong secret")
        if pushed.method == "GET":
            return Shared(body=pushed.query.get("challenge", ""))
        try:
            said = json.loads(pushed.body)
            entries = [(one["account"], one["posts"]) for one in said.get("entry", [])]
            gone = [*map(str, said.get("gone", []))]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Rejected("unreadable") from error
        read = [(handle, tuple(self.parse(json.dumps(post).encode()) for post in posts)) for handle, posts in entries]
        items = {one.id: sum((posts for handle, posts in read if handle == one.handle), ()) for one in ours}
        ended = tuple(one.id for one in ours if one.handle in gone)
        erase = said.get("erase") is True
        body = '{"url": "{page}", "code": "{code}"}' if erase else "thanks"
        return Shared(items, body=body, withdrawn=ended, erase=erase)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        return raw if media.url.startswith("inside:") else None

    def _post(self, account: AccountRef, outgoing: Outgoing) -> str:
        network_id = f"{os.getpid()}-{datetime.now(UTC).timestamp()}"
        line = json.dumps(self._line(network_id, outgoing)) + "\n"
        with open(account.server, "a") as file:
            file.write(line)
        faults = Path(account.server + ".faults")
        if faults.exists() and (left := int(faults.read_text())):
            faults.write_text(str(left - 1))
            raise Unclear("the answer was lost")
        return network_id

    def _line(self, network_id: str, outgoing: Outgoing) -> dict[str, object]:
        line: dict[str, object] = {"id": network_id, "text": outgoing.text, "to": outgoing.in_reply_to}
        if outgoing.action != "post":
            line |= {"action": outgoing.action, "about": outgoing.about}
        if outgoing.media:
            line["alts"] = [item.alt for item in outgoing.media]
        if outgoing.subject:
            line |= {"subject": outgoing.subject, "references": outgoing.references}
        return line

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        for post in posts(account.server):
            if post["text"] == outgoing.text and post["to"] == outgoing.in_reply_to:
                return Receipt(post["id"])
        return None

    def length(self, text: str) -> int:
        return len(text)

    def check(self, account: AccountRef) -> Who:
        return Who("city", "@city")


def posts(path: str) -> list[dict[str, str]]:
    """What stands on the file network."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()] if Path(path).exists() else []


def use_file_network() -> None:
    """Register the file network beside the installed channels."""
    registry.channels()["file"] = FileNetwork()


def city_account(path: Path | str, handle: str = "@philly311", **more: object) -> Account:
    """The city's account on the file network at `path`."""
    use_file_network()
    account = Account(network="file", handle=handle, server=str(path), name="Philly311", **more)  # type: ignore[arg-type]
    account.credentials = {"token": "secret"}
    account.save()
    return account


def post(network_id: str, text: str, by: str = "maria", **more: object) -> Incoming:
    """A resident's post as the file network delivers it."""
    raw = json.dumps({"id": network_id, "text": text, "by": by, **more}).encode()
    found = FileNetwork().parse(raw)
    assert isinstance(found, Incoming)
    return found


def settle(delivery: Delivery, receipt: Receipt) -> None:
    """The network has it: what a sender does once its call came back."""
    outgoing = Outgoing.from_json(delivery.outgoing)
    claimed = sending.Claimed(
        delivery.pk, delivery.account, delivery.key, outgoing, delivery.steps, 1, delivery.created_at, False
    )
    sending.settle(claimed, delivery.account.network, receipt)
