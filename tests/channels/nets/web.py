"""The city's own pages: residents fill in the form and read their private page by plain HTTP.

The server is ourselves. `send` says nothing to anybody: the page shows what is in the inbox. So the net does what the
outbox does around `send`: it writes the message and its delivery first, and settles the receipt afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

from bs4 import BeautifulSoup, Tag
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from openline.accounts.models import Account
from openline.care import speaking
from openline.channels.base import AccountRef, Outgoing, Progress, Receipt
from openline.channels.text import text_of_html
from openline.channels.web.channel import WebChannel
from openline.foundation.ids import uuid7
from openline.inbox import keeping, receiving
from openline.inbox.models import Message
from openline.portal.contact import door, guard
from tests.channels.nets.base import NotHere, Said
from tests.channels.own_pages import OwnPages
from tests.world import settle

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

NEEDS_DATABASE = True
_FORM = "/contact/"
_TOUCHED = "accounts_account, inbox_resident, outbox_delivery, portal_talk, portal_bucket, records_record"


class WebNet(OwnPages):
    """The form and the private pages, on the database of the tests."""

    network: ClassVar[str] = "web"
    decided_before: ClassVar[bool] = True

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self.channel, self.port = WebChannel(), 0
        self.account = AccountRef("web", "web", "", {}, {})
        self._blocker, self._reading = blocker, threading.Lock()
        self._pages: dict[str, str] = {}
        self._senders = count(1)

    def tidy(self) -> None:
        with self.database(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers: the records refuse it
            cursor.execute(f"TRUNCATE {_TOUCHED} CASCADE")
        self._pages.clear()

    # Residents

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = True, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        """Fill in the form, or the one on the private page; its id stands there with what was written."""
        form = {"text": text, "website": "", "about": "question", "language": "en", "email": "", "place": ""}
        files = [SimpleUploadedFile(f"{n}.jpg", photo, "image/jpeg") for n, photo in enumerate(photos)]
        with self.database():
            page = self._submit(self._pages.get(in_reply_to, _FORM), {**form, "photos": files})
            [*_before, written] = [said for said in self._read(page) if not said.by_city]
        self._pages[written.network_id] = page
        return written.network_id

    def _submit(self, path: str, form: dict[str, Any]) -> str:
        """Send a form; gives the address of the private page. Every time from another connection to the net."""
        n = next(self._senders)
        browser = Client(enforce_csrf_checks=True, REMOTE_ADDR=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
        stamp = BeautifulSoup(browser.get(path).content, "html.parser").find("input", {"name": "stamp"})
        assert isinstance(stamp, Tag)
        with patch.object(guard, "NOT_BEFORE", timedelta(0)):  # a resident who writes as fast as a test
            answer = browser.post(path, {**form, "stamp": str(stamp["value"])})
        assert answer.status_code == 302, text_of_html(answer.content.decode())
        return str(answer["Location"])

    def backlog(self, count: int) -> list[str]:
        """What a hundred residents wrote, put in at the door as the form does it, but not one by one: filling in ten
        thousand forms takes minutes."""
        items, now = list[Any](), timezone.now()
        with self.database():
            talks = [door.begin(uuid7(), email="", language="en") for _ in range(100)]
            for n in range(count):
                facts = {"about": "question", "place": "", "page": "", "in_reply_to": ""}
                items.append(door.delivery(talks[n % 100], f"backlog number {n}", (), facts, uuid7(), now))
            receiving.receive_pushed(door.account().pk, items)
        return [item.network_id for item in items]

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        with self.database():
            return self._read(self._pages[network_id])

    def _read(self, page: str) -> list[Said]:
        """The private page: the city's words stand under the resident's last above them."""
        answer = Client().get(page)
        assert answer.status_code == 200, page
        found, above = list[Said](), ""
        for item in BeautifulSoup(answer.content, "html.parser").select("li.openline-said"):
            by_city = "openline-said--city" in item["class"]
            found.append(_said(item, by_city, above if by_city else ""))
            above = above if by_city else found[-1].network_id
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
        self._pages[receipt.network_id] = self._pages[outgoing.in_reply_to]
        return receipt

    def _say(self, outgoing: Outgoing, key: str) -> Message:
        answered = Message.objects.get(network_id=outgoing.in_reply_to, direction="in")
        said = speaking.say(answered.conversation, outgoing.text, purpose=key, by=None, media=outgoing.media)
        assert said
        return said

    def _keep(self) -> None:
        """The worker's turn: reads what waits at the door."""
        with self._reading, transaction.atomic():
            keeping.keep(keeping.claim(1000), {one.pk: one for one in Account.objects.filter(network="web")})

    def stored(self) -> Account:
        """The account of the pages. What they have put in at the door already is taken away."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE inbox_heard")
        return door.account()

    # Refusals

    def edit(self, network_id: str, text: str) -> None:
        raise NotHere("what was written into the form stays as it was written")

    def delete(self, network_id: str) -> None:
        raise NotHere("what was written into the form stays as it was written")


def _said(item: Tag, by_city: bool, above: str) -> Said:
    words, time = item.select_one(".openline-prose"), item.select_one("time")
    assert time
    return Said(
        str(item["data-id"]),
        text_of_html(words.decode_contents()) if words else "",
        by_city,
        above,
        private=True,
        alts=tuple(str(picture["alt"]) for picture in item.select("img")),
        at=datetime.fromisoformat(str(time["datetime"])),
    )


@contextmanager
def start(folder: Path, blocker: DjangoDbBlocker) -> Iterator[WebNet]:
    """The pages are there; the database is the tests' own."""
    yield WebNet(blocker)
