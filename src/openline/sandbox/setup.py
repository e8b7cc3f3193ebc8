"""Connecting Openline with the sandbox: the city's accounts there, with their tokens and keys."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from openline.accounts.models import Account, Mandate
from openline.foundation.ids import uuid7
from openline.sandbox import emulators
from openline.sandbox.cast import CITY, Person
from openline.sandbox.servers import SandboxServers

MAILBOX = "help@city.sandbox"
_DESK, _CITY, _MAYOR = CITY
_MANDATES = {
    _DESK.username: Mandate.SERVICE_DESK,
    _CITY.username: Mandate.SERVICE_DESK,
    _MAYOR.username: Mandate.OFFICIAL,
}


def connect_accounts(servers: SandboxServers) -> list[Account]:
    """Make (or bring up to date) the city's accounts on all networks."""
    accounts = [_mastodon(person, servers.mastodon_url) for person in CITY]
    mail = [connect_mail(*servers.mail)] if servers.mail else []
    return [*accounts, _nostr(_DESK, servers.nostr_url), *mail, *_emulated(servers.emulated)]


def _mastodon(person: Person, url: str) -> Account:
    account = _account("mastodon", f"@{person.username}", url, person)
    account.credentials = {"access_token": person.token}
    account.save()
    return account


def _nostr(person: Person, url: str) -> Account:
    account = _account("nostr", person.username, url, person)
    account.credentials = {"secret_key": person.secret_key}
    account.save()
    return account


def connect_mail(smtp: int, imap: int) -> Account:
    """The city's mailbox at the sandbox's mail provider."""
    account = Account.objects.filter(network="email", handle=MAILBOX).first() or Account(id=uuid7(), network="email")
    account.handle, account.server = MAILBOX, f"imap://127.0.0.1:{imap}"
    account.settings = {"smtp": f"smtp://127.0.0.1:{smtp}", "sender_name": _DESK.name, "subaddresses": ""}
    account.name, account.owner, account.mandate = f"{_DESK.name} by e-mail (sandbox)", _DESK.name, Mandate.SERVICE_DESK
    account.credentials, account.cursor = {"password": "sandbox"}, ""
    account.save()
    return account


def _emulated(at: Mapping[str, int]) -> list[Account]:
    """Make (or bring up to date) the city's account on each; its cursor starts anew with the network's memory."""
    found = []
    for network, port in at.items():
        answer = httpx.get(f"{emulators.url(port)}/sandbox/account.json", timeout=10)
        if answer.status_code == httpx.codes.NOT_FOUND:
            continue  # an emulator for tests alone
        known = answer.raise_for_status().json()
        account = Account.objects.filter(network=network, handle=known["handle"]).first()
        account = account or Account(id=uuid7(), network=network, handle=known["handle"])
        account.server, account.settings, account.network_user_id = (
            known["server"],
            known["settings"],
            known["author_id"],
        )
        account.credentials, account.cursor = known["credentials"], ""
        account.name, account.owner = f"Philly311 on {known['label']} (sandbox)", "Philly311"
        account.mandate = Mandate.SERVICE_DESK
        account.save()
        found.append(account)
    return found


def _account(network: str, handle: str, server: str, person: Person) -> Account:
    """The account, moved along if the sandbox's port changed; its cursor starts anew with the servers."""
    account = Account.objects.filter(network=network, handle=handle).first() or Account(
        id=uuid7(), network=network, handle=handle
    )
    account.server, account.name = server, person.name
    account.mandate = _MANDATES[person.username]
    account.owner = person.name
    return account
