"""A small world that tests share: a network in a file, a city account on it, and named residents."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from openline.accounts.models import Account
from openline.channels import registry
from openline.channels.base import (
    AccountRef,
    Capabilities,
    Heard,
    Incoming,
    Media,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Unclear,
    Who,
)


class FileNetwork:
    """A network that keeps its posts in a file and recognises no repeated send: the harshest there is.

    `faults` is a file with a number: so many of the next sends are taken but their answer is lost.
    """

    network: ClassVar[str] = "file"
    label: ClassVar[str] = "File"
    secrets: ClassVar[tuple[str, ...]] = ("token",)
    capabilities: ClassVar[Capabilities] = Capabilities(500, True, False, False, "poll", idempotent_send=False)

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
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return Refused(raw, f"unreadable: {error!r}")

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        return Receipt(progress.step("post", lambda: self._post(account, outgoing)))

    def _post(self, account: AccountRef, outgoing: Outgoing) -> str:
        network_id = f"{os.getpid()}-{datetime.now(UTC).timestamp()}"
        line = json.dumps({"id": network_id, "text": outgoing.text, "to": outgoing.in_reply_to}) + "\n"
        with open(account.server, "a") as file:
            file.write(line)
        faults = Path(account.server + ".faults")
        if faults.exists() and (left := int(faults.read_text())):
            faults.write_text(str(left - 1))
            raise Unclear("the answer was lost")
        return network_id

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
