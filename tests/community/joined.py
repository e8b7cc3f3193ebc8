"""Members for tests, and browsers in which they are signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from openline.accounts.models import Account
from openline.care.understanding import gazetteer
from openline.community import members
from openline.community.models import Member
from openline.service_requests.models import ServiceRequest
from tests.open311.test_georeport import PLACE, new


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


def request_here(**more: Any) -> tuple[ServiceRequest, str]:
    """A public request in a neighborhood, and the code of that."""
    city = gazetteer()
    assert city
    code = next(one for one in city.areas.at(PLACE["lat"], PLACE["lon"]) if one.startswith("nb-"))
    return new(place=PLACE | {"areas": [code, "council-1"]}, **more), code


def mail_account() -> Account:
    """The city's e-mail account; nothing is sent by it here."""
    return Account.objects.create(network="email", handle="help@city.test", server="", name="Help")
