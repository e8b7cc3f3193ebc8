"""Members who talk, and the worker's turn."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from openline.care.process import process
from openline.channels.base import Outgoing
from openline.channels.registry import channel_for
from openline.community import members, saying, threads
from openline.community.models import Member
from openline.inbox.models import Message
from openline.outbox.models import Delivery
from openline.portal.contact import guard
from openline.service_requests.models import ServiceRequest
from tests.channels.nets.base import Memory
from tests.world import settle


def member(name: str = "Ana", **more: object) -> Member:
    """Somebody who joined."""
    facts = {"email": f"{name.lower().replace(' ', '.')}@example.org", "joined_at": timezone.now()} | more
    return Member.objects.create(name=name, **facts)  # type: ignore[misc]


def work() -> None:
    """The worker's turn: read what waits at the door, and say what is to be said, in the transaction of the test."""
    while process():
        pass
    for delivery in Delivery.objects.filter(state="waiting").order_by("created_at", "id"):
        channel, wish = channel_for(delivery.account.network), Outgoing.from_json(delivery.outgoing)
        settle(delivery, channel.send(delivery.account.public_ref(), wish, delivery.key, Memory()))


def comment(by: Member, request: ServiceRequest | str, text: str, under: Message | None = None) -> Message:
    """`by` says `text` under a request (or in a thread), and it was read."""
    thread = request if isinstance(request, str) else threads.of_request(request.number)
    known = saying.say(by, thread, text, form=uuid4(), in_reply_to=under.network_id if under else "")
    work()
    return Message.objects.get(network_id=known)


def signed_in(by: Member, **more: object) -> Client:
    """A browser in which `by` is signed in."""
    browser = Client(**more)  # type: ignore[arg-type]
    request = HttpRequest()
    request.session = browser.session
    members.sign_in(request, by)
    request.session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    return browser


def page(path: str, browser: Client | None = None) -> str:
    """A page that is there."""
    answer = (browser or Client()).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def send(browser: Client, path: str, _page: str, **fields: object) -> HttpResponse:
    """Send a form, with the stamp of a fresh one."""
    return browser.post(path, {"stamp": guard.stamp(), **fields})  # type: ignore[return-value]
