"""NIP-05: the city's own site says which key speaks for it, in /.well-known/nostr.json."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.accounts import AccountRef, Finding
from openline.foundation import fetching

PATH = "/.well-known/nostr.json"
_NAME = re.compile(r"([a-z0-9._-]+)@([a-z0-9.-]+\.[a-z]{2,}|localhost)(:\d+)?", re.IGNORECASE)
_MOST_BYTES = 100_000


def document(accounts: Iterable[AccountRef], name: str = "") -> dict[str, dict[str, object]]:
    """What a city's site answers at `PATH`, for all its accounts or the one of that `name`.

    Served with `Access-Control-Allow-Origin: *` and without any redirect, as NIP-05 demands. An account is named there
    once it is connected with an address (`settings["nip05"]`) and its key is known (`settings["public_key"]`).
    """
    names: dict[str, object] = {}
    relays: dict[str, object] = {}
    for account in accounts:
        found, key = _NAME.fullmatch(account.settings.get("nip05", "")), account.settings.get("public_key", "")
        if found and key and name.lower() in ("", found[1].lower()):
            names[found[1].lower()] = key
            relays[key] = [url.strip() for url in account.server.split(",") if url.strip()]
    return {"names": names, "relays": relays}


def address_of(text: str) -> tuple[str, str] | None:
    """Name and domain of a NIP-05 address; None if it is none."""
    found = _NAME.fullmatch(text.strip())
    return (found[1].lower(), f"{found[2]}{found[3] or ''}".lower()) if found else None


def inspect(nip05: str, public_key: str) -> Finding:
    """Whether the domain of the address names our key."""
    parts = address_of(nip05)
    if not parts:
        return Finding(False, _("The account has no address such as city@example.gov, by which people can prove it."))
    name, domain = parts
    site = f"{'http' if domain.startswith('localhost') else 'https'}://{domain}"
    url = f"{site}{PATH}?name={quote(name)}"
    try:  # the city named this site itself, which may have a private address inside its own network
        answer = fetching.exchange("GET", url, most_bytes=_MOST_BYTES, own=site, seconds=10)
        said = reading.child(reading.json_object(answer.body), "names") if answer.status == 200 else {}
    except (fetching.FetchFailed, reading.Unreadable) as error:
        return Finding(False, _("%(url)s cannot be read: %(reason)s") % {"url": url, "reason": error})
    found = reading.text(said, name)
    if found == public_key:
        return Finding(True, _("%(address)s is proved by its domain.") % {"address": nip05})
    if found:
        return Finding(False, _("%(url)s names another key than this account's.") % {"url": url})
    wanted = '{"names": {"%s": "%s"}}' % (name, public_key)  # noqa: UP031
    return Finding(
        False,
        _("%(domain)s does not name this account. At %(path)s it should answer %(wanted)s, without a redirect.")
        % {"domain": domain, "path": PATH, "wanted": wanted},
    )
