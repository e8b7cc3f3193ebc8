"""The Nostr channel: what names us and private messages in, signed answers, films and files out.

An event is signed once and kept before it is published, so every try of a message has the same
event id: relays recognise it, and it can never be said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import orjson

from openline.channels import reading as json_reading
from openline.channels.accounts import Connected, Connection, Finding
from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Document,
    Heard,
    Incoming,
    Media,
    MediaRule,
    NetworkDown,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.nostr import (
    blossom,
    connecting,
    identity,
    locking,
    measuring,
    naming,
    reading,
    speaking,
    trying,
)
from openline.channels.nostr.ear import Ear
from openline.channels.nostr.signer import signer_of
from openline.foundation import fetching

_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_FILMS = ("video/mp4", "video/webm", "video/quicktime")


class NostrChannel(Channel):
    """See `openline.channels.base.Channel`. Nostr sets no limits; relays and servers do, so ours are modest (2026)."""

    network: ClassVar[str] = "nostr"
    label: ClassVar[str] = "Nostr"
    secrets: ClassVar[tuple[str, ...]] = ("secret_key",)
    connection: ClassVar[Connection] = connecting.CONNECTION
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=speaking.TEXT_LIMIT,
        direct_messages=True,
        edit=True,
        delete=True,
        inbound="stream",
        idempotent_send=True,
        too_long="thread",
        media=(
            MediaRule("image", _IMAGES, 8, 20_000_000),
            MediaRule("video", _FILMS, 1, 100_000_000),
            MediaRule("audio", ("audio/mpeg", "audio/mp4", "audio/ogg"), 1, 50_000_000),
            MediaRule("file", ("application/pdf",), 4, 20_000_000),
        ),
        alt_text_limit=1500,
        warnings=True,
        metrics=measuring.NAMES,
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Follow what is new on all relays; whatever was stored while a line was down is fetched first."""
        with signer_of(account) as signer:
            yield from Ear(account, signer, cursor).listen(stopping)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """What the relays have stored since the cursor, oldest first, and deletions of what we heard."""
        with signer_of(account) as signer:
            return Ear(account, signer, cursor).poll()

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read one raw delivery."""
        return reading.parse(raw)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """A file of a private message (NIP-17, kind 15), unlocked; None for what lies open at its address."""
        if not media.url.startswith(reading.INSIDE):
            return None
        address = media.url.removeprefix(reading.INSIDE)
        own = next((server for server in blossom.servers_of(account) if address.startswith(server)), "")
        try:
            locked = fetching.fetch(address, most_bytes=most_bytes + locking.LOCK_BYTES, own=own)
            return locking.unlock(locked, json_reading.child(json_reading.json_object(raw), "rumor"))
        except fetching.FetchFailed as error:
            raise (NetworkDown if error.passing else Rejected)(str(error)) from error
        except json_reading.Unreadable as error:
            raise Rejected(str(error)) from error

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """Upload, sign once, keep, publish; one relay that takes it is enough. Facts tell which did."""
        with signer_of(account) as signer:
            return speaking.say(account, signer, outgoing, key, progress)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """Ask the relays for the event that was signed; if none was, nothing was published."""
        with signer_of(account) as signer:
            return speaking.find(account, signer, outgoing, progress)

    def metrics(self, account: AccountRef, network_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Reactions, reposts, zaps and replies, counted by the relays (NIP-45) or by us where they do not count."""
        with signer_of(account) as signer:
            return measuring.metrics(account, signer, network_ids)

    def capabilities_of(self, account: AccountRef) -> Capabilities:
        """Files need a Blossom server of the account's."""
        return self.capabilities if blossom.servers_of(account) else replace(self.capabilities, media=())

    def capabilities_of_post(self, network_id: str, private: bool) -> Capabilities:
        """Only what has an address (films) can be changed, and nobody can take a private message back."""
        return replace(self.capabilities, edit=naming.is_address(network_id), delete=not private)

    def length(self, text: str) -> int:
        """Characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Reach a relay and read the key, or ask the remote signer for it."""
        with signer_of(account) as signer:
            return connecting.check(account, signer)

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """Relays and servers that are away, lists that are missing, and whether the city's domain names our key."""
        return connecting.inspect(account)

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Check the key with the relays, and say there where the city is reached."""
        return connecting.connect(values)

    documents: ClassVar[tuple[str, ...]] = (identity.PATH,)

    def document(
        self, path: str, query: Mapping[str, str], accounts: Sequence[AccountRef], return_to: str
    ) -> Document | None:
        """The city's names and their keys (NIP-05)."""
        return Document(orjson.dumps(identity.document(accounts, query.get("name", ""))))

    def profile(self, account: AccountRef) -> str:
        """The key as a link that Nostr programs open (NIP-21)."""
        return naming.profile(account.author_id)

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """A private message to ourselves, read back."""
        with signer_of(account) as signer:
            return trying.try_out(account, signer, text)
