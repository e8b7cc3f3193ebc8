"""An account on X from the console's screen to the emulator's login page and back, and what the month costs."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from openline.accounts.models import Account
from openline.channels.x.emulator.state import BEARER_TOKEN, CLIENT_ID, CLIENT_SECRET
from openline.sandbox.servers import free_port
from tests.channels.nets.x import standing
from tests.channels.x.test_login import allowed

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


def test_from_the_screen_to_x_and_back(login: Login, settings: object) -> None:
    settings.PUBLIC_URL = f"http://127.0.0.1:{free_port()}"  # type: ignore[attr-defined]
    administrator, screen = login("administrator"), reverse("console:account_connect", args=["x"])
    page = administrator.get(screen).content.decode()
    assert "console/accounts/back/" in page and 'value="login"' in page and 'value="fields"' not in page
    with standing() as (_hook, x, _contract, _stack):
        filled = {
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "bearer_token": BEARER_TOKEN, "tier": "self_serve",
            "budget": "50", "at_budget": "warn", "long_posts": "no", "look_again": "yes", "own_app": "no",
            "server": x.url, "name": "311 on X", "owner": "Philly311", "mandate": "service_desk", "how": "login",
        }  # fmt: skip
        begun = administrator.post(screen, filled)
        address = begun["Refresh"].removeprefix("0;url=")
        back = allowed(address)
        answer = administrator.get(reverse("console:account_back"), back, follow=True)
    account = Account.objects.get(network="x")
    assert (account.handle, account.network_user_id) == ("@philly311", x.ours.id)
    assert account.settings["budget"] == "50" and account.credentials["client_secret"] == CLIENT_SECRET
    said = answer.content.decode()
    assert "X does not call us yet" in said and "CrcValidationFailed" in said, "nobody listens at our address here"
    assert CLIENT_SECRET not in said and account.credentials["refresh_token"] not in said
    assert urlsplit(address).path == "/i/oauth2/authorize" and CLIENT_SECRET not in address
