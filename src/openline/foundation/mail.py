"""How mail leaves: from the environment, in one address.

`OPENLINE_SMTP` is smtp://host:25 (plain), smtp+tls://user:password@host:587 (STARTTLS) or smtps://user:password@host:465;
`OPENLINE_MAIL_FROM` is the sender. Without an address mail is written to the console and reaches nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

_SCHEMES = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
SECONDS = 20


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Django's e-mail settings. Raises ValueError, saying what is wrong, without the password."""
    sender = environment.get("OPENLINE_MAIL_FROM", "openline@localhost")
    address = environment.get("OPENLINE_SMTP", "")
    if not address:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend", "DEFAULT_FROM_EMAIL": sender}
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("OPENLINE_SMTP is to be smtp://, smtp+tls:// or smtps:// with a host.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _SCHEMES[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": SECONDS,
        "DEFAULT_FROM_EMAIL": sender,
    }
