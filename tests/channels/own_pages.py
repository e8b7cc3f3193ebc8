"""What the networks of the city's own pages have in common: the server is ourselves.

What residents write is read at the inbox's door; there is no line to break, and nobody whose login could be refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from openline.channels.base import AccountRef, Heard
from openline.channels.listening import pause
from openline.inbox.models import Heard as Delivered
from tests.channels.listener import Listener, listening
from tests.channels.nets.base import Net, NotHere

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

_OURSELVES = "there is no line to break: the server is ourselves"


class OwnPages(Net):
    """A network of our own, on the database of the tests."""

    _blocker: DjangoDbBlocker

    @contextmanager
    def database(self) -> Iterator[None]:
        """The database, also for tests that do not ask for it and in threads of their own."""
        with self._blocker.unblock():
            try:
                yield
            finally:
                if threading.current_thread() is not threading.main_thread():
                    connection.close()

    def through(self, port: int) -> AccountRef:
        raise NotHere(_OURSELVES)

    @contextmanager
    def away(self) -> Iterator[None]:
        raise NotHere(_OURSELVES)
        yield

    # Hearing

    def ask(self, account: AccountRef, cursor: str) -> Heard:
        """What the pages put in at the door since then, read from there."""
        with self.database():
            found = Delivered.objects.filter(account__network=self.network).order_by("id")
            rows = list((found.filter(pk__gt=UUID(cursor)) if cursor else found)[:500])
        items = tuple(self.channel.parse(bytes(row.raw)) for row in rows)
        return Heard(items, str(rows[-1].pk) if rows else cursor)

    def following(self) -> AbstractContextManager[Listener]:
        return listening(_Door(self.ask), self.account, self.position())  # type: ignore[arg-type]

    # Refusals

    def refused(self) -> AccountRef:
        raise NotHere("no credentials are needed: the server is ourselves")

    def expiring(self) -> AccountRef:
        raise NotHere("no token is needed: the server is ourselves")

    @contextmanager
    def limited(self) -> Iterator[AccountRef | None]:
        raise NotHere("the city's own pages do not limit what the city says")
        yield


class _Door:
    """Listens at the door, as the worker's reader does."""

    def __init__(self, ask: Callable[[AccountRef, str], Heard]) -> None:
        self._ask = ask

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """What comes, a tenth of a second later."""
        while not stopping():
            heard = self._ask(account, cursor)
            cursor = heard.cursor
            yield heard
            pause(0.1, stopping)
