"""A newsroom for the tests of publishing: two accounts on networks in files, and people who write and approve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from openline.accounts.models import Account
from openline.console.permissions import create_roles
from openline.outbox import sending
from openline.outbox.models import Delivery
from openline.publishing import leaving, scheduling, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Post, Variant
from tests.world import city_account, posts


@dataclass
class Newsroom:
    """Accounts by handle, people by name, and what one does here all day."""

    folder: Path
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def account(self, handle: str) -> Account:
        """The city's account `handle`, made when it is first named."""
        if handle not in self.accounts:
            self.accounts[handle] = city_account(self.folder / handle, "@" + handle)
        return self.accounts[handle]

    def person(self, name: str, *roles: str) -> User:
        """A member of staff with these roles."""
        from django.contrib.auth.models import Group

        if name not in self.people:
            create_roles()
            self.people[name] = User.objects.create_user(name, f"{name}@city.example", "open the line")
            self.people[name].groups.set(Group.objects.filter(name__in=roles or ("communications",)))
        return self.people[name]

    def content(self, text: str = "Trash day moves to Saturday.", *handles: str, **more: Any) -> Content:
        """A short post in English on these accounts ("news" if none is named)."""
        forms = tuple(Form(str(self.account(handle).pk)) for handle in handles or ("news",))
        return Content(**{"texts": {"en": Words(text)}, "forms": forms, **more})

    def post(self, text: str = "Trash day moves to Saturday.", *handles: str, by: str = "carla", **more: Any) -> Post:
        """A draft that `by` wrote."""
        return writing.create(self.content(text, *handles, **more), by=self.person(by))

    def publish(self, post: Post, at: datetime | None = None, by: str = "carla") -> None:
        """Hand in for `at` (None: now), and do what the worker does until nothing is due."""
        scheduling.hand_in(post.pk, at, by=self.person(by))
        self.work()

    def work(self) -> None:
        """Everything that is due leaves and is sent."""
        holder = sending.Holder()
        try:
            while leaving.leave() or sending.send_next(holder.id):
                pass
        finally:
            holder.close()

    def hurry(self) -> None:
        """What waits for another try is due now."""
        Delivery.objects.filter(state__in=["waiting", "unclear"]).update(next_try_at=timezone.now())
        self.work()

    def said(self, handle: str = "news") -> list[str]:
        """What stands on that account's network."""
        return [post["text"] for post in posts(str(self.folder / handle))]

    def variant(self, post: Post, handle: str = "news") -> Variant:
        """The post's form on that account, as it is now."""
        return post.variants.get(account=self.account(handle))


@pytest.fixture
def newsroom(transactional_db: None, tmp_path: Path) -> Newsroom:
    """The newsroom; its networks are files in `tmp_path`."""
    return Newsroom(tmp_path)


@pytest.fixture
def write(newsroom: Newsroom) -> Callable[..., Post]:
    """Write a draft: `write("text", "news", "mayor")`."""
    return newsroom.post
