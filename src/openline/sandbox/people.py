"""Speaking as a resident in the sandbox, and seeing a thread as residents see it on the network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import nostr_sdk
from mastodon import Mastodon

from openline.accounts.models import Account
from openline.channels.nostr import relay
from openline.channels.text import text_of_html
from openline.sandbox.cast import CITY, RESIDENTS, Person

_DESK = CITY[0]


@dataclass(frozen=True, slots=True)
class Said:
    """One post of a thread as the network shows it."""

    network_id: str
    author: str
    text: str
    by_city: bool
    private: bool
    at: datetime
    in_reply_to: str = ""


class NoPhotos(Exception):
    """The network keeps no photos itself."""


def post(
    account: Account,
    person: Person,
    text: str,
    *,
    in_reply_to: str = "",
    private: bool = False,
    photos: Sequence[bytes] = (),
) -> str:
    """Post `text` to the city's `account` as `person`; returns the post's id on the network.

    `photos` are JPEGs or other pictures; Nostr has no place for them of its own (raises NoPhotos).
    """
    if account.network == "mastodon":
        return _post_mastodon(account, person, text, in_reply_to, private, photos)
    if photos:
        raise NoPhotos("Nostr keeps no photos itself: post them on Mastodon.")
    return _post_nostr(account, person, text, in_reply_to, private)


def thread(account: Account, network_id: str, person: Person) -> list[Said]:
    """The thread that hangs from the post `network_id`, oldest first, as `person` sees it."""
    if account.network == "mastodon":
        return _thread_mastodon(account, network_id, person)
    return _thread_nostr(account, network_id)


def _client(account: Account, person: Person) -> Mastodon:
    return Mastodon(
        access_token=person.token, api_base_url=account.server, mastodon_version="4.2.0", request_timeout=10
    )


def _post_mastodon(
    account: Account, person: Person, text: str, in_reply_to: str, private: bool, photos: Sequence[bytes]
) -> str:
    # The sandbox's server knows names only in its own spelling; Mastodon itself does not mind capitals.
    named = re.sub(re.escape(account.handle) + r"\b", account.handle, text, flags=re.I)
    words = named if account.handle in named else f"{account.handle} {text}"
    client = _client(account, person)
    media = [client.media_post(photo, "image/jpeg", file_name="photo.jpg") for photo in photos]
    status = client.status_post(
        words,
        in_reply_to_id=in_reply_to or None,
        visibility="direct" if private else "public",
        media_ids=media or None,
    )
    return str(status["id"])


def _thread_mastodon(account: Account, network_id: str, person: Person) -> list[Said]:
    client = _client(account, person)
    root = client.status(network_id)
    context = client.status_context(network_id)
    city = {p.username for p in CITY}
    return [_said_mastodon(status, city) for status in (*context["ancestors"], root, *context["descendants"])]


def _said_mastodon(status: Any, city: set[str]) -> Said:
    author = str(status["account"]["username"])
    return Said(
        str(status["id"]),
        author,
        text_of_html(str(status["content"])),
        author in city,
        status["visibility"] == "direct",
        status["created_at"],
        str(status["in_reply_to_id"] or ""),
    )


def _post_nostr(account: Account, person: Person, text: str, in_reply_to: str, private: bool) -> str:
    desk = nostr_sdk.PublicKey.parse(_DESK.public_key)
    if private:
        rumor = (
            nostr_sdk.EventBuilder(nostr_sdk.Kind(14), text)
            .tags([nostr_sdk.Tag.public_key(desk)])
            .finalize_unsigned(person.keys.public_key())
            .ensure_id()
        )
        relay.publish(account.server, nostr_sdk.nip59_make_gift_wrap(person.keys, desk, rumor).as_json())
        return str(rumor.id().to_hex())
    tags = [["p", _DESK.public_key]] + ([["e", in_reply_to, "", "reply"]] if in_reply_to else [])
    event = (
        nostr_sdk.EventBuilder(nostr_sdk.Kind(1), text)
        .tags([nostr_sdk.Tag.parse(t) for t in tags])
        .finalize(person.keys)
    )
    relay.publish(account.server, event.as_json())
    return str(event.id().to_hex())


def _thread_nostr(account: Account, network_id: str) -> list[Said]:
    """The root and everything that answers it, directly or not."""
    known: dict[str, dict[str, Any]] = {}
    with relay.relay(account.server) as connection:
        wanted = [network_id]
        known |= {e["id"]: e for e in relay.fetch(connection, {"ids": wanted})}
        for _depth in range(6):
            found = relay.fetch(connection, {"kinds": [1], "#e": wanted})
            wanted = [e["id"] for e in found if e["id"] not in known]
            known |= {e["id"]: e for e in found}
            if not wanted:
                break
    names = {p.public_key: p.username for p in (*CITY, *RESIDENTS)}
    ordered = sorted(known.values(), key=lambda e: (e["created_at"], e["pubkey"] == _DESK.public_key))
    return [
        Said(
            e["id"],
            names.get(e["pubkey"], e["pubkey"][:12]),
            e["content"],
            e["pubkey"] == _DESK.public_key,
            False,
            datetime.fromtimestamp(e["created_at"], UTC),
            _answered(e),
        )
        for e in ordered
    ]


def _answered(event: dict[str, Any]) -> str:
    answers = [tag[1] for tag in event["tags"] if len(tag) > 1 and tag[0] == "e"]
    return str(answers[-1]) if answers else ""
