"""Discussions under a request: members write on the city's pages by plain HTTP, and everybody reads them there.

The server is ourselves. `send` says nothing to anybody: the page shows what is in the inbox. So the net does what the
outbox does around `send`: it writes the message and its delivery first, and settles the receipt afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch
from uuid import uuid4

from bs4 import BeautifulSoup, Tag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from openline.accounts.models import Account
from openline.care import speaking
from openline.care.process import process
from openline.channels.base import AccountRef, Outgoing, Progress, Receipt
from openline.channels.community.channel import CommunityChannel
from openline.channels.enclosing import pack
from openline.channels.text import text_of_html
from openline.community import limits, saying, threads
from openline.community.models import Comment, Member
from openline.inbox import receiving
from openline.inbox.models import Heard as Delivered
from openline.inbox.models import Message
from openline.portal.contact import guard
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from tests.channels.nets.base import Said
from tests.channels.own_pages import OwnPages
from tests.community.world import signed_in
from tests.world import settle

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

NEEDS_DATABASE = True
_TOUCHED = "accounts_account, inbox_resident, outbox_delivery, community_member, portal_bucket, records_record, " \
           "service_requests_servicerequest"  # fmt: skip


class CommunityNet(OwnPages):
    """The discussion of one request, on the database of the tests."""

    network: ClassVar[str] = "community"
    decided_before: ClassVar[bool] = True

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self.channel, self.port = CommunityChannel(), 0
        self.account = AccountRef("community", "city", "", {}, {})
        self._blocker, self._reading = blocker, threading.Lock()
        self._request: ServiceRequest | None = None
        self._people: dict[int, Member] = {}
        self._writers: dict[str, int] = {}

    def tidy(self) -> None:
        with self.database(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers: the records refuse it
            cursor.execute(f"TRUNCATE {_TOUCHED} CASCADE")
        self._request = None
        self._people.clear()
        self._writers.clear()

    # Residents

    def _thread(self) -> str:
        if self._request is None:
            service = Service.objects.filter(public=True, kind="request", active=True, needs_place=False).first()
            assert service
            self._request = open_request(NewRequest(service, "It is broken", "It is broken", "web"))
        return threads.of_request(self._request.number)

    def _person(self, who: int) -> Member:
        if who not in self._people:
            self._people[who] = Member.objects.create(name=f"Neighbor {who}", joined_at=timezone.now())
        return self._people[who]

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        """Fill in the form of the discussion; the id is what lies at the door then."""
        with self.database():
            thread, person = self._thread(), self._person(who)
            above = Message.objects.filter(network_id=in_reply_to).first() if in_reply_to else None
            if in_reply_to and above is None:
                self._keep()
                above = Message.objects.get(network_id=in_reply_to)
            files = [SimpleUploadedFile(f"{n}.jpg", photo, "image/jpeg") for n, photo in enumerate(photos)]
            form = {"text": text, "photos": files, **({"to": str(above.pk)} if above else {})}
            self._submit(f"/discussions/{thread}/say/", form, person)
            newest = Delivered.objects.filter(account__network="community").order_by("-id")[0]
            known = self.channel.parse(bytes(newest.raw)).network_id  # type: ignore[union-attr]
        self._writers[known] = who
        return known

    def _submit(self, path: str, form: dict[str, Any], person: Member) -> None:
        browser = signed_in(person, enforce_csrf_checks=True)
        page = BeautifulSoup(browser.get(path, {"to": form["to"]} if "to" in form else {}).content, "html.parser")
        hidden = {name: page.find("input", {"name": name}) for name in ("stamp", "csrfmiddlewaretoken")}
        values = {name: str(one["value"]) for name, one in hidden.items() if isinstance(one, Tag)}
        with patch.object(limits, "RATES_OF_NEW", ()), patch.object(guard, "may_send", lambda *_more: True):
            answer = browser.post(path, {**form, **values})
        assert answer.status_code == 302, text_of_html(answer.content.decode())

    def edit(self, network_id: str, text: str) -> None:
        self._change(network_id, {"text": text})

    def delete(self, network_id: str) -> None:
        self._change(network_id, {"choose": "take_back"})

    def _change(self, network_id: str, form: dict[str, Any]) -> None:
        with self.database():
            self._keep()
            message = Message.objects.get(network_id=network_id)
            self._submit(f"/comments/{message.pk}/change/", form, self._person(self._writers[network_id]))

    def backlog(self, count: int) -> list[str]:
        """What a hundred members said, put in at the door as the form does it, but not one by one: sending ten thousand
        forms takes minutes."""
        with self.database():
            thread, people = self._thread(), [self._person(n) for n in range(100)]
            items, now = list[Any](), timezone.now().isoformat()
            for n in range(count):
                by = people[n % 100]
                head = {"what": "post", "id": f"{by.id.hex}.{uuid4().hex}", "text": f"backlog number {n}", "at": now,
                        "author": by.author, "name": by.name, "thread": thread}  # fmt: skip
                items.append(self.channel.parse(pack(head)))
            receiving.receive_pushed(saying.account().pk, items)
        return [item.network_id for item in items]

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        """The discussion as its writer sees it."""
        with self.database():
            self._keep()
            browser, number = signed_in(self._person(who)), self._thread().removeprefix("request:")
            page = BeautifulSoup(browser.get(f"/requests/{number}/").content, "html.parser")
            known = {pk.hex: (one, by) for pk, one, by in
                     Comment.objects.values_list("pk", "message__network_id", "by")}  # fmt: skip
            found = list[Said]()
            for item in page.select(".openline-thread"):
                top = ""
                for one in item.select("article.openline-comment"):
                    said = _said(one, known, top)
                    top = top or said.network_id
                    found.append(said)
        return found

    # The city

    def send(self, outgoing: Outgoing, key: str, progress: Progress, account: AccountRef | None = None) -> Receipt:
        """Send as the outbox does: what is said lies in the inbox before, its receipt comes after."""
        receipt = super().send(outgoing, key, progress, account)
        with self.database():
            self._keep()
            message = self._say(outgoing, key)
            if not message.network_id and message.delivery:
                settle(message.delivery, receipt)
        return receipt

    def _say(self, outgoing: Outgoing, key: str) -> Message:
        answered = Message.objects.get(network_id=outgoing.in_reply_to, direction="in")
        said = speaking.say(answered.conversation, outgoing.text, purpose=key, by=None)
        assert said
        return said

    def _keep(self) -> None:
        """The worker's turn: reads what waits at the door."""
        with self._reading:
            while process():
                pass

    def stored(self) -> Account:
        """The account of the discussions. What the pages have put in at the door already is taken away."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE inbox_heard")
        return saying.account()


def _said(item: Tag, known: dict[str, tuple[str, Any]], top: str) -> Said:
    words, time = item.select_one(".openline-prose"), item.select_one("time")
    network_id, by = known[str(item["id"]).removeprefix("c-")]
    assert time
    return Said(
        network_id,
        text_of_html(words.decode_contents()) if words else "",
        by is None,
        top,
        at=datetime.fromisoformat(str(time["datetime"])),
    )


@contextmanager
def start(folder: Path, blocker: DjangoDbBlocker) -> Iterator[CommunityNet]:
    """The pages are there; the database is the tests' own."""
    yield CommunityNet(blocker)
