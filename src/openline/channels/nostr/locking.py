"""Files in private messages (NIP-17, kind 15): locked by AES-GCM, the key inside the message."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openline.channels.base import Rejected
from openline.channels.nostr.tags import first

ALGORITHM = "aes-gcm"
LOCK_BYTES = 16
"""By so much a locked file is longer."""


def lock(plain: bytes) -> tuple[bytes, dict[str, str]]:
    """The locked file, and how to open it: `key` and `nonce`, hexadecimal."""
    key, nonce = AESGCM.generate_key(256), secrets.token_bytes(12)
    return AESGCM(key).encrypt(nonce, plain, None), {"key": key.hex(), "nonce": nonce.hex()}


def unlock(locked: bytes, rumor: dict[str, Any]) -> bytes:
    """The file that the message `rumor` speaks of; raises Rejected if it is another one or cannot be opened."""
    if first(rumor, "encryption-algorithm") != ALGORITHM:
        raise Rejected(f"Files locked by {first(rumor, 'encryption-algorithm')[:40]!r} cannot be opened.")
    told = first(rumor, "x").lower()
    if told and not secrets.compare_digest(told, hashlib.sha256(locked).hexdigest()):
        raise Rejected("The file is not the one that was sent.")
    try:
        key, nonce = _bytes(first(rumor, "decryption-key")), _bytes(first(rumor, "decryption-nonce"))
        return AESGCM(key).decrypt(nonce, locked, None)
    except (InvalidTag, ValueError, OverflowError) as error:
        raise Rejected("The file cannot be opened with the key that was sent.") from error


def _bytes(text: str) -> bytes:
    """Clients write keys in hexadecimal, some in base64: the NIP does not say."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError("no key") from error
