"""Connecting an account, and connecting it again: kept only after its network has accepted it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from openline.accounts.models import Account, Line, Mandate
from openline.channels.accounts import Connected
from openline.channels.base import NotAllowed
from openline.records import log
from openline.records.models import Kind


@dataclass(frozen=True, slots=True)
class About:
    """What the city says of an account: its name for staff, whose it is, what it is for, and whether safe articles are
    sent by machine (None: as it was)."""

    name: str = ""
    owner: str = ""
    mandate: str = Mandate.SERVICE_DESK
    answers_by_itself: bool | None = None


@transaction.atomic
def keep(network: str, connected: Connected, about: About, *, by: str) -> Account:
    """Keep a new account, or the new credentials of one that is known by its network's id or its handle."""
    account = _known(network, connected) or Account(network=network)
    account.name = about.name or account.name or connected.who.name or connected.handle
    account.owner, account.mandate = about.owner, about.mandate
    _take(account, connected)
    _write(account, by, "account connected")
    return account


@transaction.atomic
def again(account: Account, connected: Connected, *, by: str) -> None:
    """Give a known account its new credentials. Raises NotAllowed if they belong to another account.

    What stands in a conversation is this account's: another one under its name would answer strangers.
    """
    theirs = connected.who.author_id
    if account.network_user_id and theirs and theirs != account.network_user_id:
        raise NotAllowed(
            _("This is the login of another account (%(handle)s). Connect it as an account of its own.")
            % {"handle": connected.handle}
        )
    _take(account, connected)
    _write(account, by, "account connected again")


def withdrawn(account: Account, *, by: str, erase: bool = False) -> None:
    """The network says that its permission was taken back: the account neither hears nor speaks until it is connected
    again. `erase`: its credentials are forgotten, too."""
    reason = _("On the network, its permission was taken back.")
    account.hearing = account.speaking = Line.REFUSED
    account.hearing_error = account.speaking_error = reason
    changed = ["hearing", "hearing_error", "speaking", "speaking_error"]
    if erase:
        account.credentials_encrypted = b""
        changed.append("credentials_encrypted")
    account.save(update_fields=changed)
    _write(account, by, "permission withdrawn, credentials erased" if erase else "permission withdrawn")


def switch(account: Account, on: bool, *, by: str) -> None:
    """Let the account hear and speak, or no more."""
    account.enabled = on
    account.save(update_fields=["enabled"])
    _write(account, by, "account switched on" if on else "account switched off")


def describe(account: Account, about: About, *, by: str) -> None:
    """Change what the city says of the account."""
    account.name, account.owner, account.mandate = about.name or account.name, about.owner, about.mandate
    account.save(update_fields=["name", "owner", "mandate"])
    _write(account, by, "account described", owner=about.owner, mandate=about.mandate)
    if about.answers_by_itself is not None and about.answers_by_itself != account.answers_by_itself:
        let_answer(account, about.answers_by_itself, by=by)


def let_answer(account: Account, on: bool, *, by: str) -> None:
    """Let safe articles be sent by machine to who asks on this account, or no more."""
    account.answers_by_itself = on
    account.save(update_fields=["answers_by_itself"])
    _write(account, by, "account answers by itself" if on else "account answers no more by itself")


def _known(network: str, connected: Connected) -> Account | None:
    same = Account.objects.filter(network=network)
    if connected.who.author_id:
        found = same.filter(network_user_id=connected.who.author_id, server=connected.server).first()
        if found:
            return found
    return same.filter(handle=connected.handle, server=connected.server).first()


def _take(account: Account, connected: Connected) -> None:
    """Save what the network accepted. A secret that was not given again stays: an empty one never overwrites."""
    kept = account.credentials if account.credentials_encrypted else {}
    account.credentials = kept | {name: value for name, value in connected.credentials.items() if value}
    account.handle, account.server = connected.handle, connected.server
    account.settings = dict(connected.settings)
    account.network_user_id = connected.who.author_id[:500] or account.network_user_id
    account.expires_at = connected.who.expires_at
    account.enabled = True
    account.hearing = account.speaking = Line.OK
    account.hearing_error = account.speaking_error = ""
    account.paused_until = None
    account.save()


def _write(account: Account, by: str, what: str, **facts: str) -> None:
    body: Mapping[str, object] = {"what": what, "handle": account.handle, **facts}
    log.write([log.Entry(Kind.ADMINISTERED, by, account.pk, body=dict(body))])
