"""Members for tests, and browsers in which they are signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from openline.accounts.models import Account
from openline.community import members
from openline.community.models import Member


def neighbor(name: str = "Rosa of Fishtown", email: str = "rosa@residents.test", **more: Any) -> Member:
    """A member."""
    return members.join(email, **{"name": name, "area": "", "language": "en", "digest": False} | more)


def browser(member: Member, **more: Any) -> Client:
    """A browser in which the member is signed in."""
    client, session = Client(**more), SessionStore()
    session["member"], session["member_version"] = member.pk.hex, member.version
    session.set_expiry(members.STAYS)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def mail_account() -> Account:
    """The city's e-mail account; nothing is sent by it here."""
    return Account.objects.create(network="email", handle="help@city.test", server="", name="Help")
