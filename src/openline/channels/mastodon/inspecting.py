"""What else to look at for a Mastodon account, and what to do about it (`openline doctor`)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import AccountRef, ChannelError, Finding
from openline.channels.mastodon.client import Server
from openline.channels.mastodon.connecting import SCOPES
from openline.channels.mastodon.finding import me
from openline.foundation.fetching import FetchFailed, fetch

_LARGEST_PAGE = 2_000_000
_HREF = re.compile(r'href="(https?://[^"]+)"')
_LINK = re.compile(r"<(?:a|link)\b[^>]{0,2000}>", re.IGNORECASE)
_REL = re.compile(r"""\brel\s*=\s*["']?[^"'>]*\bme\b""", re.IGNORECASE)
_TO = re.compile(r"""\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """The proof of the city's website, what the token may do, and what the account does not let through."""
    server = Server(account)
    return (*_proof(me(server)), *_scopes(server), *_policy(server))


def _proof(profile: dict[str, Any]) -> tuple[Finding, ...]:
    """Is there a link in the profile that the server has verified (rel="me")? If not, which half is missing?"""
    links = [(_address(field), field.get("verified_at")) for field in reading.children(profile, "fields")]
    links = [(address, verified) for address, verified in links if address]
    own = reading.web_address(profile, "url")
    if proved := [address for address, verified in links if verified]:
        return (Finding(True, _("The profile's link to %(site)s is verified.") % {"site": ", ".join(proved)}),)
    if not links:
        words = _(
            "Nothing proves that this is the city's account. Put the address of the city's website into the profile"
            ' (Preferences, Profile, extra fields), and into the website: <a rel="me" href="%(own)s">Mastodon</a>'
        )
        return (Finding(False, words % {"own": own}),)
    return tuple(_half(address, own) for address, _verified in links[:4])


def _address(field: dict[str, Any]) -> str:
    """The address in a field of the profile, which is HTML on most servers."""
    value = reading.text(field, "value")
    found = _HREF.search(value)
    return unescape(found[1]) if found else value if value.startswith(("https://", "http://")) else ""


def _half(address: str, own: str) -> Finding:
    """What to do for a link that the server has not verified."""
    site = {"site": address, "own": own}
    try:
        page = fetch(address, most_bytes=_LARGEST_PAGE).decode("utf-8", "replace")
    except FetchFailed as error:
        words = _("The profile's link to %(site)s is not verified, and the page cannot be read: %(why)s")
        return Finding(False, words % {**site, "why": error})
    if links_back(page, own):
        words = _("The page %(site)s names this account. Save the profile on the server again: then it is verified.")
        return Finding(False, words % site)
    words = _('The page %(site)s does not name this account. Put into it: <a rel="me" href="%(own)s">Mastodon</a>')
    return Finding(False, words % site)


def links_back(page: str, own: str) -> bool:
    """True if the HTML `page` has a link with rel="me" to the profile `own`."""
    links = (found.group() for found in _LINK.finditer(page))
    return any(_REL.search(link) and _same(unescape(to[1]), own) for link in links if (to := _TO.search(link)))


def _same(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    return (first.netloc.lower(), first.path.rstrip("/")) == (second.netloc.lower(), second.path.rstrip("/"))


def _scopes(server: Server) -> tuple[Finding, ...]:
    """Does the token let us do all that is needed? Servers that do not say are not asked further."""
    try:
        said = server.object(lambda client: client.app_verify_credentials()).get("scopes")
    except ChannelError:
        return ()
    if not isinstance(said, list):
        return ()
    missing = [scope for scope in SCOPES.split() if scope not in said and scope.split(":")[0] not in said]
    if not missing:
        return (Finding(True, _("The access token may do all that is needed.")),)
    words = _("The access token lacks %(scopes)s: connect the account again.") % {"scopes": ", ".join(missing)}
    return (Finding(False, words),)


def _policy(server: Server) -> tuple[Finding, ...]:
    """Since Mastodon 4.3 an account can drop mentions before anybody, person or program, sees them."""
    try:
        said = server.object(lambda client: client.notifications_policy())
    except ChannelError:
        return ()
    dropped = sorted(name for name, value in said.items() if value == "drop" and name.startswith("for_"))
    if not dropped:
        return ()
    words = _("The account drops mentions (%(which)s): under Preferences, Notifications, accept or filter them.")
    return (Finding(False, words % {"which": ", ".join(dropped)}),)
