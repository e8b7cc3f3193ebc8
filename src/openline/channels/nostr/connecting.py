"""Connecting an account: the key or the remote signer, the relays, the servers of files, the proof by domain."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import nostr_sdk
import orjson
import structlog
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.channels import reading
from openline.channels.accounts import AccountRef, Connected, Connection, Field, Finding, Who
from openline.channels.errors import ChannelError, NetworkDown, Rejected, TokenExpired
from openline.channels.nostr import blossom, identity, lists
from openline.channels.nostr.bunker import Remote
from openline.channels.nostr.checking import forged
from openline.channels.nostr.kinds import PROFILE
from openline.channels.nostr.naming import short_name
from openline.channels.nostr.publishing import deliver, find, letter
from openline.channels.nostr.relay import created_at, relay
from openline.channels.nostr.relays import at_each, gravest, relays_of
from openline.channels.nostr.signer import BUNKER, Local, Signer, keys_of, signer_of

logger = structlog.get_logger("openline.nostr")

CONNECTION = Connection(
    fields=(
        Field(
            "secret_key",
            gettext_lazy("Secret key or remote signer"),
            gettext_lazy("nsec1…, or bunker://… if the key lies at a remote signer, which is safer."),
            "secret",
        ),
        Field(
            "relays",
            gettext_lazy("Relays"),
            gettext_lazy(
                "Addresses with commas: wss://relay.one, wss://relay.two. Take those that your residents use."
            ),
            initial="wss://relay.divine.video, wss://relay.damus.io, wss://nos.lol",
        ),
        Field(
            "media_servers",
            gettext_lazy("Blossom servers for photos and films"),
            gettext_lazy("Addresses with commas. The first one takes the files, the others get copies."),
            required=False,
        ),
        Field(
            "nip05",
            gettext_lazy("Address by which people can prove the account"),
            gettext_lazy("Such as city@example.gov. Your site has to name the key; the next page shows how."),
            required=False,
        ),
    ),
    guide=(
        gettext_lazy("Make a key in a Nostr app, or a remote signer (NIP-46) that keeps it for you."),
        gettext_lazy("Put the secret key into a safe: it cannot be changed, and whoever has it is the city there."),
        gettext_lazy("Choose two to four relays, with the ones of your residents among them."),
        gettext_lazy("For photos and for diVine, choose one or two Blossom servers."),
    ),
)


def connect(values: Mapping[str, str]) -> Connected:
    """From what a person filled in to an account that was checked; says on the relays where the city is reached."""
    credentials = _credentials(values.get("secret_key", "").strip())
    urls, servers = (
        _urls(values, "relays", ("wss://", "ws://")),
        _urls(values, "media_servers", ("https://", "http://")),
    )
    nip05 = values.get("nip05", "").strip().lower()
    if nip05 and not identity.address_of(nip05):
        raise Rejected(_("An address such as city@example.gov is wanted."), "nip05")
    if not urls:
        raise Rejected(_("At least one relay is needed."), "relays")
    settings = {"media_servers": ", ".join(servers), "nip05": nip05}
    account = AccountRef("", "", ", ".join(urls), credentials, settings)
    _see_servers(servers)
    good, bad = _see_relays(account, None)
    if not good:  # said before a remote signer's secret, which is good for one time, is spent
        raise gravest(bad.values())
    with _first_meeting(account) as signer:
        public_key = signer.public_key
        who = check(account, signer)
        try:
            announce(account, signer)
        except ChannelError as error:  # `inspect` tells of it as long as it is so
            logger.info("not_announced", reason=error.reason)
    return Connected(who, nip05 or who.handle, account.server, credentials, settings | {"public_key": public_key})


def check(account: AccountRef, signer: Signer) -> Who:
    """Reach a relay, and read the key or have the remote signer say it."""
    if isinstance(signer, Remote):
        signer.verify()
    good, bad = _see_relays(account, signer)
    if not good:
        raise gravest(bad.values())
    return Who(signer.public_key, short_name(signer.public_key), account.handle)


def announce(account: AccountRef, signer: Signer) -> None:
    """Publish where the city is reached (NIP-65, NIP-17, BUD-03), and a profile, each only if there is none yet."""
    wanted = lists.ours(relays_of(account), blossom.servers_of(account))
    known = lists.newest(signer.public_key, relays_of(account), signer, tuple(wanted))
    for kind in wanted.keys() - known.keys():
        event = signer.sign(kind, "", wanted[kind])
        deliver(account, signer, [letter(event, relays_of(account))])
    nip05 = account.settings.get("nip05", "")
    if nip05 and profile_of(account, signer) is None:
        said = orjson.dumps({"name": nip05.split("@")[0], "nip05": nip05}).decode()
        event = signer.sign(PROFILE, said, [])
        deliver(account, signer, [letter(event, relays_of(account))])


def profile_of(account: AccountRef, signer: Signer) -> dict[str, Any] | None:
    """The profile that stands on the account's relays (NIP-01, kind 0); None if there is none."""
    events, _errors = find(account, signer, {"kinds": [PROFILE], "authors": [signer.public_key]})
    known = [event for event in events if event.get("kind") == PROFILE and not forged(event)]
    if not known:
        return None
    try:
        return reading.json_object(reading.text(max(known, key=created_at), "content").encode("utf-8", "replace"))
    except reading.Unreadable:
        return {}


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """Relays, lists, servers of files, and the proof by domain."""
    found: list[Finding] = []
    try:
        with signer_of(account) as signer:
            found += _relay_findings(account, signer)
            found += _list_findings(account, signer)
            found += _proof_findings(account, signer)
    except ChannelError as error:
        found.append(Finding(False, error.reason))
    for server in blossom.servers_of(account):
        try:
            blossom.reach(server)
        except ChannelError as error:
            found.append(Finding(False, error.reason))
    return tuple(found)


def _see_relays(account: AccountRef, signer: Signer | None) -> tuple[dict[str, None], dict[str, ChannelError]]:
    """Which relays can be reached, and what is wrong with the others."""

    def reach(url: str) -> None:
        with relay(url, signer):
            return

    return at_each(relays_of(account), reach)


def _relay_findings(account: AccountRef, signer: Signer) -> list[Finding]:
    _good, bad = _see_relays(account, signer)
    return [Finding(False, f"{url}: {error.reason}") for url, error in bad.items()]


def _list_findings(account: AccountRef, signer: Signer) -> list[Finding]:
    wanted = lists.ours(relays_of(account), blossom.servers_of(account))
    known = lists.newest(signer.public_key, relays_of(account), signer, tuple(wanted))
    different = [kind for kind, tags in wanted.items() if lists.says(tags) != lists.says(known.get(kind, []))]
    if not different:
        return [Finding(True, _("The account says on its relays where it is reached."))]
    kinds = ", ".join(str(kind) for kind in different)
    words = _("What the account says of its relays and servers (kinds %(kinds)s) differs from what it uses here.")
    return [Finding(False, words % {"kinds": kinds})]


def _proof_findings(account: AccountRef, signer: Signer) -> list[Finding]:
    """NIP-05 has two sides: the domain names the key, and the key's profile names the address."""
    nip05 = account.settings.get("nip05", "")
    found = [identity.inspect(nip05, signer.public_key)]
    told = reading.text(profile_of(account, signer) or {}, "nip05")
    if nip05 and told.lower() != nip05:
        words = _("The account's profile does not name %(address)s, so apps do not show the proof.")
        found.append(Finding(False, words % {"address": nip05}))
    return found


def _credentials(secret: str) -> dict[str, str]:
    if secret.startswith(BUNKER):
        client = nostr_sdk.Keys.generate()
        try:
            Remote(secret, Local(client))  # reads the address, and asks nobody yet
        except TokenExpired as error:
            raise Rejected(error.reason, "secret_key") from error
        return {"secret_key": secret, "client_key": client.secret_key().to_hex()}
    try:
        keys_of(secret)
    except TokenExpired as error:
        raise Rejected(_("A secret key begins with nsec1, a remote signer with bunker://."), "secret_key") from error
    return {"secret_key": secret}


def _first_meeting(account: AccountRef) -> AbstractContextManager[Signer]:
    """The signer; a remote one gets to know us now, with the secret in its address, which is good for one time."""
    secret = account.credentials["secret_key"]
    if not secret.startswith(BUNKER):
        return signer_of(account)
    try:
        remote = Remote(secret, Local(keys_of(account.credentials["client_key"])))
        remote.connect()
    except TokenExpired as error:
        raise Rejected(error.reason, "secret_key") from error
    return remote


def _see_servers(servers: list[str]) -> None:
    for server in servers:
        try:
            blossom.reach(server)
        except NetworkDown as error:
            raise Rejected(error.reason, "media_servers") from error


def _urls(values: Mapping[str, str], field: str, schemes: tuple[str, ...]) -> list[str]:
    found = [url.strip().rstrip("/") for url in values.get(field, "").replace("\n", ",").split(",") if url.strip()]
    wrong = [url for url in found if not url.startswith(schemes)]
    if wrong:
        raise Rejected(_("An address begins with %(scheme)s.") % {"scheme": schemes[0]}, field)
    return list(dict.fromkeys(found))
