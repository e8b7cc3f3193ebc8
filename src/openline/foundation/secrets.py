"""Secrets at rest: encrypted under a key of the installation (`keys`), or following from it."""

from __future__ import annotations

import base64
from contextlib import suppress
from functools import lru_cache

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class UnreadableSecret(Exception):
    """The stored secret was encrypted with another OPENLINE_SECRET_KEY."""


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"openline credentials").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def signing_key(key: str, purpose: str) -> str:
    """A private key on the curve P-256, as PEM, that follows from the installation's key: the same for a `purpose`.

    384 bits are reduced to the order of the curve, so that no key is likelier than another (FIPS 186-5, A.2.1).
    """
    derived = HKDF(SHA256(), 48, salt=None, info=f"openline signing: {purpose}".encode()).derive(key.encode())
    number = int.from_bytes(derived) % (_P256_ORDER - 1) + 1
    private = ec.derive_private_key(number, ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def encrypt(value: dict[str, str], key: str) -> bytes:
    """`value` encrypted and authenticated (Fernet: AES-128-CBC with HMAC-SHA256) under `key`."""
    return _fernet(key).encrypt(orjson.dumps(value))


def decrypt(token: bytes, *keys: str) -> dict[str, str]:
    """The value that `encrypt` was given with one of `keys`; raises UnreadableSecret if it was another key's, or the
    bytes changed."""
    for key in keys:
        with suppress(InvalidToken):
            value: dict[str, str] = orjson.loads(_fernet(key).decrypt(bytes(token)))
            return value
    raise UnreadableSecret("Stored credentials cannot be read with this OPENLINE_SECRET_KEY.")
