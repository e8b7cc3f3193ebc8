"""Facebook through the city's rooms and screens: connected by its login, called by it, answered, and ended by it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from openline.accounts.models import Account, Line
from openline.care import answering, process
from openline.channels.emulation.serving import serving
from openline.channels.facebook.emulator import APP, PAGES, SECRET, Emulator
from openline.channels.facebook.emulator.state import ADMIN
from openline.channels.graph.signing import make_signed_request
from openline.inbox.models import Direction, Heard, Message
from openline.outbox import sending
from tests.channels.facebook_tools import words

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("philadelphia")]


@pytest.fixture
def network() -> Iterator[Emulator]:
    emulator = Emulator()
    emulator.calls.retry_seconds = 0.1
    with serving(emulator):
        yield emulator


@pytest.fixture
def public(live_server: LiveServer) -> Iterator[str]:
    """Our public address, at which the network calls us."""
    url = live_server.url.replace("localhost", "127.0.0.1")
    with override_settings(PUBLIC_URL=url, ALLOWED_HOSTS=["*"]):
        yield url


def log_in(client: Client, network: Emulator, page: str) -> httpx.Response:
    """Fill in the form, consent at the network, come back."""
    form = {
        "app_id": APP,
        "app_secret": SECRET,
        "page": page,
        "server": network.url,
        "how": "login",
        "mandate": "service_desk",
    }
    sent = client.post(reverse("console:account_connect", args=["facebook"]), form)
    dialog = sent["Refresh"].removeprefix("0;url=")
    asked = {name: one[0] for name, one in parse_qs(urlsplit(dialog).query).items()}
    consent = {name: asked[name] for name in ("client_id", "redirect_uri", "state")} | {"how": "yes"}
    back = httpx.post(dialog, data=consent).headers["location"]
    return client.get(urlsplit(back).path + "?" + urlsplit(back).query, follow=True)  # type: ignore[return-value]


def go_round() -> None:
    """Understand and answer, as the worker does."""
    while process.process():
        pass
    while sending.send_next(1):
        pass


def test_a_page_is_connected_by_its_login_hears_answers_and_is_ended(
    network: Emulator, public: str, admin_client: Client
) -> None:
    shown = log_in(admin_client, network, PAGES[0].id)
    account = Account.objects.get(network="facebook")
    assert account.network_user_id == PAGES[0].id and account.credentials["app_secret"] == SECRET
    page = shown.content.decode()
    assert f"{public}/hooks/facebook/" in page and "?about=erase" in page and SECRET not in page
    assert network.calls.hook == f"{public}/hooks/facebook/", "the network was told to call us, and asked us first"

    comment = network.say(network.residents[0], f"There is a big pothole, cars swerve around it. {words()}")
    private = network.say(network.residents[1], words(), private=True)
    assert network.calls.settled() and {one.answers[-1] for one in network.calls.log} == {200}
    assert Heard.objects.count() == 2
    go_round()
    first = Message.objects.get(network_id=comment)
    answer = Message.objects.filter(conversation=first.conversation, direction=Direction.OUT).first()
    assert (
        answer
        and answer.network_id
        and [one.by_city for one in network.thread(comment, network.residents[0])]
        == [
            False,
            True,
        ]
    )
    kept = Message.objects.get(network_id=private)
    assert [way.reason for way in answering.answerable(kept.conversation, True)] == [""]

    _withdraw(public, "")
    account.refresh_from_db()
    assert account.hearing == account.speaking == Line.REFUSED and account.credentials_encrypted
    answer_to_erasure = _withdraw(public, "erase")
    account.refresh_from_db()
    assert not account.credentials_encrypted
    told = answer_to_erasure.json()
    assert told["confirmation_code"] in told["url"]
    assert "erased" in httpx.get(told["url"]).text


def test_who_manages_several_pages_is_asked_which(network: Emulator, public: str, admin_client: Client) -> None:
    page = log_in(admin_client, network, "").content.decode()
    assert not Account.objects.filter(network="facebook").exists()
    assert all(one.name in page and one.id in page for one in PAGES)


def _withdraw(public: str, about: str) -> httpx.Response:
    """The person who connected the page takes it back at the network."""
    said = {"algorithm": "HMAC-SHA256", "issued_at": int(time.time()), "user_id": ADMIN.id}
    body = urlencode({"signed_request": make_signed_request(said, SECRET)})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    address = f"{public}/hooks/facebook/" + (f"?about={about}" if about else "")
    return httpx.post(address, content=body, headers=headers).raise_for_status()
