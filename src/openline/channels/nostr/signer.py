"""Who signs, encrypts and decrypts for an account: its secret key here, or a signer far away (`bunker.py`).

All cryptography is nostr-sdk's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import nostr_sdk
import orjson

from openline.channels.base import AccountRef, Rejected, TokenExpired

Tags = Sequence[Sequence[str]]
BUNKER = "bunker://"
"""How the address of a remote signer begins (NIP-46)."""


class Signer(Protocol):
    """An identity that can speak. Every method may raise a ChannelError."""

    @property
    def public_key(self) -> str:
        """The account's public key, hexadecimal."""

    def sign(self, kind: int, content: str, tags: Tags, at: int = 0) -> dict[str, Any]:
        """A signed event; `at` is its time (Unix seconds), 0 for now."""

    def encrypt(self, to: str, words: str) -> str:
        """`words` for the owner of the public key `to` alone (NIP-44)."""

    def decrypt(self, of: str, secret: str) -> str:
        """What the owner of the public key `of` wrote to us; raises Rejected if it is not for us or was changed."""


class Local:
    """A secret key that lies here."""

    def __init__(self, keys: nostr_sdk.Keys) -> None:
        self.keys = keys
        self._public_key = str(keys.public_key().to_hex())

    @property
    def public_key(self) -> str:
        """See Signer."""
        return self._public_key

    def sign(self, kind: int, content: str, tags: Tags, at: int = 0) -> dict[str, Any]:
        """See Signer."""
        try:
            event: dict[str, Any] = orjson.loads(_builder(kind, content, tags, at).finalize(self.keys).as_json())
        except Exception as error:
            raise Rejected(f"It cannot be signed: {error}") from error
        return event

    def encrypt(self, to: str, words: str) -> str:
        """See Signer."""
        try:
            return str(
                nostr_sdk.nip44_encrypt(
                    self.keys.secret_key(), nostr_sdk.PublicKey.parse(to), words, nostr_sdk.Nip44Version.V2
                )
            )
        except Exception as error:
            raise Rejected(f"It cannot be encrypted for that key: {error}") from error

    def decrypt(self, of: str, secret: str) -> str:
        """See Signer."""
        try:
            return str(nostr_sdk.nip44_decrypt(self.keys.secret_key(), nostr_sdk.PublicKey.parse(of), secret))
        except Exception as error:
            raise Rejected("It cannot be decrypted.") from error


def unsigned(public_key: str, kind: int, content: str, tags: Tags, at: int = 0) -> dict[str, Any]:
    """An event of ours with its id and without a signature: a NIP-59 rumor, or what a remote signer is to sign."""
    try:
        event = _builder(kind, content, tags, at).finalize_unsigned(nostr_sdk.PublicKey.parse(public_key)).ensure_id()
        found: dict[str, Any] = orjson.loads(event.as_json())
    except Exception as error:
        raise Rejected(f"It cannot be written: {error}") from error
    return found


def _builder(kind: int, content: str, tags: Tags, at: int) -> nostr_sdk.EventBuilder:
    builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(kind), content)
    builder = builder.tags([nostr_sdk.Tag.parse(list(tag)) for tag in tags])
    return builder.custom_created_at(nostr_sdk.Timestamp.from_secs(at)) if at else builder


def keys_of(secret: str) -> nostr_sdk.Keys:
    """The key pair of a secret key (nsec1… or hexadecimal); raises TokenExpired if it is none."""
    try:
        return nostr_sdk.Keys.parse(secret.strip())
    except Exception as error:
        raise TokenExpired("The account's secret key cannot be read.") from error


def fresh() -> Local:
    """A key for one use."""
    return Local(nostr_sdk.Keys.generate())


@contextmanager
def signer_of(account: AccountRef) -> Iterator[Signer]:
    """The account's signer while the block runs; raises TokenExpired if there is none."""
    secret = account.credentials.get("secret_key", "").strip()
    if not secret.startswith(BUNKER):
        yield Local(keys_of(secret))
        return
    from openline.channels.nostr.bunker import Remote

    client = account.credentials.get("client_key", "")
    if not client:
        raise TokenExpired("A remote signer has to be connected by the screen “Connect an account”.")
    with Remote(secret, Local(keys_of(client)), account.settings.get("public_key", "")) as remote:
        yield remote
