"""Who lives in the sandbox: three accounts of the city and a handful of residents, all invented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import nostr_sdk


@dataclass(frozen=True, slots=True)
class Person:
    """An account on the sandbox's networks. Tokens and keys follow from the name: worthless outside."""

    username: str
    name: str

    @property
    def token(self) -> str:
        """Access token on the sandbox's Mastodon server."""
        return f"sandbox-{self.username}"

    @property
    def keys(self) -> nostr_sdk.Keys:
        """Key pair on the sandbox's Nostr relay."""
        return nostr_sdk.Keys.parse(hashlib.sha256(f"openline sandbox {self.username}".encode()).hexdigest())

    @property
    def secret_key(self) -> str:
        """The secret key, hexadecimal."""
        return self.keys.secret_key().to_hex()

    @property
    def public_key(self) -> str:
        """The public key, hexadecimal."""
        return self.keys.public_key().to_hex()


CITY = (
    Person("philly311", "Philly311 (sandbox)"),
    Person("cityofphiladelphia", "City of Philadelphia (sandbox)"),
    Person("mayor", "Mayor (sandbox)"),
)
RESIDENTS = (
    Person("maria", "Maria G."),
    Person("devon", "Devon"),
    Person("linh", "Linh T."),
    Person("sam", "Sam"),
    Person("aisha", "Aisha"),
    Person("ray", "Ray from the block"),
    Person("grace", "Grace"),
    Person("tomek", "Tomek"),
)


def resident(username: str) -> Person:
    """The resident of that name; raises LookupError."""
    for person in RESIDENTS:
        if person.username == username:
            return person
    raise LookupError(f"No resident {username!r} in the sandbox.")
