"""A key at a remote signer (NIP-46): everything that a key here can do, and what happens when the signer is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import nostr_sdk
import pytest

from openline.channels.base import AccountRef, Incoming, NetworkDown, Rejected, TokenExpired
from openline.channels.nostr import bunker as product
from openline.channels.nostr.signer import Local, fresh, keys_of, signer_of
from tests.channels.conftest import listening, own_relay
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nostr_tools import (
    CHANNEL,
    DESK,
    MARIA,
    NOBODY,
    event,
    heard,
    on_relay,
    published,
    unwrapped,
    words,
    wrapped,
)
from tests.servers import bunker
from tests.servers.bunker import Bunker


@pytest.fixture(scope="module")
def relay() -> Iterator[str]:
    with own_relay() as url:
        yield url


@pytest.fixture
def signer(relay: str) -> Iterator[Bunker]:
    with bunker.serving(relay, DESK.keys) as running:
        yield running


def connected(signer: Bunker) -> AccountRef:
    made = CHANNEL.connect({"secret_key": signer.address, "relays": signer.relay})
    return AccountRef("n", made.handle, made.server, made.credentials, made.settings)


def test_our_signer_satisfies_nostr_sdks_own_client(signer: Bunker) -> None:
    """The signer under these tests is ours, so an unrelated client is held against it first."""
    uri = nostr_sdk.NostrConnectUri.parse(signer.address)

    async def ask() -> tuple[str, str]:
        client = nostr_sdk.NostrConnect(uri, nostr_sdk.Keys.generate(), timedelta(seconds=10), None)
        key = await client.get_public_key_async()
        secret = await client.nip44_encrypt_async(MARIA.keys.public_key(), "for Maria")
        return key.to_hex(), nostr_sdk.nip44_decrypt(MARIA.keys.secret_key(), DESK.keys.public_key(), secret)

    assert asyncio.run(ask()) == (DESK.public_key, "for Maria")


def test_connecting_uses_the_secret_once_and_keeps_a_client_key(signer: Bunker) -> None:
    account = connected(signer)
    assert account.settings["public_key"] == DESK.public_key
    assert CHANNEL.check(account).author_id == DESK.public_key
    assert signer.secret == "" and signer.asked.count("connect") == 1
    assert DESK.secret_key not in str(account.credentials)
    with pytest.raises(Rejected) as refused:  # the secret is spent, and this client is another
        CHANNEL.connect({"secret_key": signer.address + "once", "relays": signer.relay})
    assert refused.value.field_name == "secret_key"


def test_what_was_filled_in_wrongly_does_not_spend_the_secret(signer: Bunker) -> None:
    for wrong in ({"relays": NOBODY}, {"media_servers": "http://127.0.0.1:9"}, {"nip05": "x"}):
        with pytest.raises((NetworkDown, Rejected)):
            CHANNEL.connect({"secret_key": signer.address, "relays": signer.relay} | wrong)
    assert not signer.asked
    assert connected(signer).settings["public_key"] == DESK.public_key


def test_hearing_and_answering_in_public_and_in_private(signer: Bunker) -> None:
    account = connected(signer)
    published(signer.relay, event(public := words()))
    published(signer.relay, wrapped(secret := words()))
    item = heard(account, public)
    receipt = CHANNEL.send(account, answer_to(item, "signed far away"), "k", Memory())
    assert on_relay(signer.relay, receipt.network_id)["pubkey"] == DESK.public_key
    item = heard(account, secret)
    assert item.visibility == "private"
    CHANNEL.send(account, answer_to(item, reply := words()), "k", Memory())
    assert reply in [message["content"] for message in unwrapped(signer.relay)]
    with listening(CHANNEL, account) as listener:
        published(signer.relay, wrapped(live := words()))
        listener.hears(live)
    assert "read again" in CHANNEL.try_out(account, words(), "k")


def test_a_silent_signer_is_a_network_that_is_down(signer: Bunker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Public words are still heard; private ones wait, however far the cursor moves meanwhile."""
    account = connected(signer)
    monkeypatch.setattr(product, "ANSWER_SECONDS", 0.3)
    signer.silent = True
    published(signer.relay, wrapped(secret := words()))
    published(signer.relay, event(public := words()))
    memory = Memory()
    found = CHANNEL.poll(account, "")
    assert public in [getattr(item, "text", "") for item in found.items]
    assert secret not in [getattr(item, "text", "") for item in found.items]
    published(signer.relay, event(later := words()))
    again = CHANNEL.poll(account, cursor := found.cursor)
    assert [later] == [getattr(item, "text", "") for item in again.items]
    with pytest.raises(NetworkDown):  # nothing else is to be heard
        CHANNEL.poll(account, cursor := again.cursor)
    item = heard(account, public)
    with pytest.raises(NetworkDown):
        CHANNEL.check(account)
    with pytest.raises(NetworkDown):
        CHANNEL.send(account, answer_to(item, "later"), "k", memory)
    assert not memory.kept
    signer.silent = False
    assert secret in [item.text for item in CHANNEL.poll(account, cursor).items if isinstance(item, Incoming)]


def test_a_listener_says_that_the_signer_is_away_after_it_handed_on_what_is_public(
    signer: Bunker, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = connected(signer)
    monkeypatch.setattr(product, "ANSWER_SECONDS", 0.3)
    signer.silent = True
    published(signer.relay, wrapped(words()))
    published(signer.relay, event(public := words()))
    with listening(CHANNEL, account) as listener:
        listener.hears(public)
    assert isinstance(listener.error, NetworkDown)


def test_a_signer_that_asks_for_a_person_or_forgot_us(signer: Bunker) -> None:
    account = connected(signer)
    signer.known.clear()
    with pytest.raises(TokenExpired, match="unauthorized"):
        CHANNEL.check(account)
    signer.wants_a_person = "https://signer.example/allow"
    with pytest.raises(TokenExpired, match="signer.example/allow"):
        CHANNEL.check(account)
    with pytest.raises(TokenExpired, match="Connect an account"):
        CHANNEL.check(replace(account, credentials={"secret_key": signer.address}))


def test_what_comes_back_signed_must_be_what_was_asked_for(signer: Bunker) -> None:
    account = connected(signer)
    signer.forges = True
    with signer_of(account) as remote:
        assert remote.sign(1, "plain", [["t", "x"]])["content"] == "plain"
        with pytest.raises(Rejected, match="something else"):
            remote.sign(1, "an honest note", [])


def test_a_line_that_broke_is_opened_again(signer: Bunker) -> None:
    with signer_of(connected(signer)) as remote:
        assert remote.sign(1, "before", [])
        assert isinstance(remote, product.Remote) and remote._line
        remote._line._connection.close()
        assert remote.sign(1, "after", [])["content"] == "after"


@pytest.mark.parametrize(
    "address", ["bunker://", "bunker://nonsense?relay=ws://127.0.0.1:1", f"bunker://{'a' * 64}", "http://x"]
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(Rejected) as refused:
        CHANNEL.connect({"secret_key": address, "relays": "ws://127.0.0.1:1"})
    assert refused.value.field_name == "secret_key"
    with pytest.raises(TokenExpired):
        product.Remote(address, fresh())


def test_a_key_here_and_a_key_far_away_are_the_same_to_everybody(signer: Bunker) -> None:
    local = Local(keys_of(DESK.secret_key))
    with signer_of(connected(signer)) as remote:
        assert remote.public_key == local.public_key
        assert local.decrypt(MARIA.public_key, Local(MARIA.keys).encrypt(DESK.public_key, "hé")) == "hé"
        assert remote.decrypt(MARIA.public_key, Local(MARIA.keys).encrypt(DESK.public_key, "hé")) == "hé"
        for one in (local, remote):
            with pytest.raises(Rejected):
                one.decrypt(MARIA.public_key, "nonsense")
