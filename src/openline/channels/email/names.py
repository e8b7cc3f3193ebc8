"""The names that our mails carry, each with a seal (HMAC) by which we know it again without any memory.

Every mail of ours has a Message-ID and a Reply-To that name its thread: `<mail.thread.seal@domain>` and
`desk+r<thread><seal>@domain`. Whichever of them a mail program keeps of them in an answer, the thread is found; and
nobody can make one up for a thread whose mails they never got. A seal is 80 bits of HMAC-SHA256 under the
installation's key; an older key still counts (`SECRET_KEY_FALLBACKS`).
"""

from __future__ import annotations

import base64
import hashlib
import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "openline.channels.email"
_PREFIX = "mail:"
_SHORT = "[a-z2-7]{16}"
_THREAD = re.compile(rf"{_PREFIX}({_SHORT})")
_OURS = re.compile(rf"<?({_SHORT})\.({_SHORT})\.({_SHORT})@([^<>\s]+?)>?", re.IGNORECASE)
_REPLY = re.compile(rf"(.+)[+]r({_SHORT})({_SHORT})@([^@\s]+)", re.IGNORECASE)
_LONGEST_LOCAL = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""


def thread_of(root: str) -> str:
    """The short name of the thread that hangs from the mail `root` (its Message-ID); such a name stays as it is."""
    return root if _THREAD.fullmatch(root) else _PREFIX + _short(root)


def message_id(address: str, key: str, thread: str) -> str:
    """The Message-ID of the mail with that key in that thread: the same for every try."""
    domain = address.rpartition("@")[2].lower()
    mail, name = _short(f"{address}\n{key}"), thread_of(thread).removeprefix(_PREFIX)
    return f"<{mail}.{name}.{_seal('mail', domain, mail, name)}@{domain}>"


def thread_of_our_mail(identifier: str) -> str:
    """The thread that a Message-ID of ours names; empty if it is not of our making."""
    found = _OURS.fullmatch(identifier.strip())
    if not found:
        return ""
    mail, name, seal, domain = (part.lower() for part in found.groups())
    return _PREFIX + name if _is_sealed(seal, "mail", domain, mail, name) else ""


def reply_address(address: str, thread: str) -> str:
    """Where answers in that thread go, as a subaddress (RFC 5233); the bare address if that would be too long."""
    local, _at, domain = address.rpartition("@")
    name = thread_of(thread).removeprefix(_PREFIX)
    extended = f"{local}+r{name}{_seal('reply', address.lower(), name)}"
    if len(extended.encode()) > _LONGEST_LOCAL:
        return address
    return f"{extended}@{domain}"


def thread_of_address(address: str) -> str:
    """The thread that a reply address of ours names; empty if it is not of our making."""
    found = _REPLY.fullmatch(address.strip())
    if not found:
        return ""
    local, name, seal, domain = (part.lower() for part in found.groups())
    return _PREFIX + name if _is_sealed(seal, "reply", f"{local}@{domain}", name) else ""


def _short(value: str) -> str:
    return _spell(hashlib.sha256(value.encode("utf-8", "replace")).digest())


def _spell(digest: bytes) -> str:
    """80 bits in 16 letters and digits that survive mail systems which change capitals."""
    return base64.b32encode(digest[:10]).decode().lower()


def _seal(*parts: str, key: str | None = None) -> str:
    return _spell(salted_hmac(_SALT, "\n".join(parts), key, algorithm="sha256").digest())


def _is_sealed(seal: str, *parts: str) -> bool:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return sum(constant_time_compare(seal, _seal(*parts, key=key)) for key in keys) > 0
