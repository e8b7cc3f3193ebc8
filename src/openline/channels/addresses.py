"""Addresses that people name: where secrets of ours may go, and where not."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from openline.channels.errors import Rejected

HERE = ("127.0.0.1",)
NAMED_HERE = (*HERE, "localhost")


def is_safe(url: str, here: tuple[str, ...] = HERE) -> bool:
    """True if nobody between reads what goes there: https or wss, or a port of this machine (`here` are its names).

    A name that only begins like an address of this machine, as 127.0.0.1.example, is none.
    """
    try:
        parts = urlsplit(url)
        on_a_port = parts.port is not None
    except ValueError:
        return False
    if parts.scheme in ("https", "wss"):
        return bool(parts.hostname)
    return parts.scheme in ("http", "ws") and parts.hostname in here and on_a_port


def server(typed: str, usual: str, here: tuple[str, ...] = HERE) -> str:
    """The server that a person named, or the `usual` one. Raises Rejected if secrets would go there in the open."""
    found = typed.strip().rstrip("/") or usual
    if not found.startswith("http") or not is_safe(found, here):
        raise Rejected(_("Name the server by its https:// address."), "server")
    return found
