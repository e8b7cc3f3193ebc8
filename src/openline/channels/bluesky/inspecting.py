"""What else to look at for an account: its handle as proof of identity, private messages, its server; a live test."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import http, reading
from openline.channels.accounts import Finding
from openline.channels.base import ChannelError, NetworkDown
from openline.channels.bluesky import chat, identity, sessions
from openline.channels.bluesky.client import Session
from openline.channels.bluesky.people import did_of

_TRY_OUT = "org.openline.tryout"
"""A collection that no program shows."""


def findings(session: Session) -> tuple[Finding, ...]:
    """All that was looked at."""
    said = session.get("com.atproto.server.getSession")
    return (*_handle(session, said), *_home(session, said), *_login(session), *_chat(session))


def _handle(session: Session, said: dict[str, Any]) -> list[Finding]:
    """Domain handles: atproto.com/specs/handle. The network itself looks whether the domain names us."""
    did, handle = reading.text(said, "did"), reading.text(said, "handle")
    if handle in ("", "handle.invalid"):
        return [Finding(False, _("The handle does not work at the moment. %s") % _how("<domain>", did))]
    domains = session.get("com.atproto.server.describeServer").get("availableUserDomains")
    given = [one for one in domains if isinstance(one, str)] if isinstance(domains, list) else []
    if any(handle.endswith(domain) for domain in given):
        words = _(
            "@%(handle)s is a name that anybody could have taken. The city's own domain as handle proves who speaks."
        )
        return [Finding(False, f"{words % {'handle': handle}} {_how('<domain>', did)}")]
    if did_of(session, handle) != did:
        return [Finding(False, _("The domain %s does not name this account. ") % handle + _how(handle, did))]
    return [Finding(True, _("The domain %s proves that the account is its owner's.") % handle)]


def _how(domain: str, did: str) -> str:
    return _(
        "In the domain's DNS, add a TXT record named _atproto.%(domain)s with the value did=%(did)s (or let"
        " https://%(domain)s/.well-known/atproto-did answer %(did)s alone); then choose in Bluesky: Settings, Account,"
        " Handle, I have my own domain."
    ) % {"domain": domain, "did": did}


def _home(session: Session, said: dict[str, Any]) -> list[Finding]:
    home, used = identity.server(reading.child(said, "didDoc")), session.account.server.rstrip("/")
    if home and home != used:
        return [
            Finding(
                False,
                _("The account lives at %(home)s, not at %(used)s: connect it again.") % {"home": home, "used": used},
            )
        ]
    return []


def _login(session: Session) -> list[Finding]:
    """A login by OAuth ends with the key of the installation under which it was made."""
    if not sessions.by_oauth(session.account):
        return []
    from openline.channels.bluesky import oauth  # JOSE is heavy, and most accounts need none

    if not oauth.hangs_on_older_key(session.account):
        return []
    words = _("The login was made under an older key of this installation: connect the account again before it goes.")
    return [Finding(False, words)]


def _chat(session: Session) -> list[Finding]:
    try:
        chat.probe(session)
    except NetworkDown as error:
        return [Finding(False, _("Bluesky's chat service cannot be reached: %s") % error.reason)]
    except ChannelError:
        words = _(
            "Private messages are closed to us: make an app password with access to direct messages, or log in anew."
        )
        return [Finding(False, words)]
    return [Finding(True, _("Private messages are open to us.")), *_door(session)]


def _door(session: Session) -> list[Finding]:
    """Who may write to us (chat.bsky.actor.declaration); without a declaration only people whom we follow."""
    where = {"repo": session.did, "collection": "chat.bsky.actor.declaration", "rkey": "self"}
    try:
        declared = reading.child(session.get("com.atproto.repo.getRecord", where), "value")
    except http.NotThere:
        declared = {}
    if reading.text(declared, "allowIncoming") == "all":
        return [Finding(True, _("Everyone may write privately."))]
    words = _(
        "Only people whom the account follows may write privately. In Bluesky: Settings, Privacy and security, Chats,"
        " Everyone."
    )
    return [Finding(False, words)]


def try_out(session: Session, text: str, key: str) -> str:
    """Write, read back, take away: in a collection of our own, which no program shows to anybody."""
    where = {"repo": session.did, "collection": _TRY_OUT, "rkey": hashlib.sha256(key.encode()).hexdigest()[:20]}
    session.post("com.atproto.repo.putRecord", {**where, "record": {"$type": _TRY_OUT, "text": text}})
    read = reading.child(session.get("com.atproto.repo.getRecord", where), "value")
    session.post("com.atproto.repo.deleteRecord", where)
    if reading.text(read, "text") != text:
        raise NetworkDown(_("The server kept something else than we wrote."))
    return (
        _("The server of %s took our test record, gave it back, and deleted it. Nobody saw it.")
        % session.account.handle
    )
