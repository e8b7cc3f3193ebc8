"""Real life between servers that are like Mastodon: the city lives on one snac2, residents on another.

Posts go from server to server as ActivityPub. Residents use Mastodon.py and, for what snac's API lacks, its web page.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from mastodon import Mastodon, MastodonNotFoundError

from openline.channels.base import AccountRef, Capabilities, Outgoing, Progress, Receipt
from openline.channels.mastodon import channel as channel_module
from openline.channels.mastodon.channel import MastodonChannel
from openline.channels.text import text_of_html
from tests.channels.nets.base import Net, Said
from tests.servers.snac import Snac, pair

CITY = "city"
PEOPLE = ("maria", "devon", "linh")
_PAGE = "urn:ietf:wg:oauth:2.0:oob"
_file = itertools.count()


class OnSnac(MastodonChannel):
    """The channel as it is there: this server takes 100,000 characters, so nothing is ever cut."""

    capabilities: ClassVar[Capabilities] = replace(MastodonChannel.capabilities, text_limit=0)


class SnacNet(Net):
    """The city's account on one server, `PEOPLE` on the other."""

    network: ClassVar[str] = "mastodon"
    patience: ClassVar[float] = 20.0
    many: ClassVar[int] = 64
    in_order: ClassVar[bool] = False  # its threads deliver to the other server side by side
    why_no_more: ClassVar[str] = (
        "snac tells programs of its 64 newest notifications and of no others (mastoapi.c); how our side reads 10,000 of"
        " a server that pages as it does is proved in `tests/channels/test_mastodon_hearing.py`"
    )

    def __init__(self, home: Snac, far: Snac) -> None:
        self.home, self.far = home, far
        self.channel = OnSnac()
        self.port = home.port
        token = log_in(home, CITY)
        self.account = AccountRef("s", f"@{CITY}", home.url, {"access_token": token})
        self.city = client_of(home, token)
        self.clients = {name: client_of(far, log_in(far, name)) for name in PEOPLE}

    def through(self, port: int) -> AccountRef:
        return replace(self.account, server=f"http://127.0.0.1:{port}")

    def hurry(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(channel_module, "LOOK_AGAIN_EVERY_SECONDS", 0.3)
        patch.setattr(channel_module, "POLL_EVERY_SECONDS", 0.3)

    @contextmanager
    def away(self) -> Iterator[None]:
        self.home.stop()
        try:
            yield
        finally:
            self.home.start()

    def post(
        self, text: str, *, in_reply_to: str = "", private: bool = False, photos: tuple[bytes, ...] = (), who: int = 0
    ) -> str:
        client, name = self.clients[PEOPLE[who]], f"@{CITY}@{self.home.host}"
        if in_reply_to:
            self.arrived(in_reply_to, who)
        status = client.status_post(
            f"{name} {escape(text, quote=False)}",  # this server reads HTML
            in_reply_to_id=in_reply_to or None,
            visibility="direct" if private else "public",
            media_ids=[client.media_post(photo, "image/jpeg", file_name=_name()) for photo in photos] or None,
        )
        self._told(_same(status["id"]))
        return _same(status["id"])

    def _told(self, *posts: str) -> None:
        """Wait until the city's server tells the city of these posts."""
        until = time.monotonic() + self.patience * 2
        while missing := set(posts) - {_same(one["status"]["id"]) for one in self._notifications(len(posts))}:
            assert time.monotonic() < until, f"{missing} have not come to the city's server"
            time.sleep(0.1)

    def _notifications(self, count: int) -> list[Any]:
        return [one for one in self.city.notifications(limit=count + 20) if "status" in one]

    def send(self, outgoing: Outgoing, key: str, progress: Progress, account: AccountRef | None = None) -> Receipt:
        receipt = super().send(outgoing, key, progress, account)
        if outgoing.to_handle:  # without a name in it, it stays at home
            self.arrived(receipt.network_id)
        return receipt

    def arrived(self, network_id: str, who: int = 0) -> Any:
        """The post as the resident's server has it, once it has come there."""
        until = time.monotonic() + self.patience
        while True:
            try:
                return self.clients[PEOPLE[who]].status(network_id)
            except MastodonNotFoundError:
                assert time.monotonic() < until, f"{network_id} has not come to the resident's server"
                time.sleep(0.1)

    def thread(self, network_id: str, who: int = 0) -> list[Said]:
        root = self.arrived(network_id, who)
        context = self.clients[PEOPLE[who]].status_context(network_id)
        return [_said(status) for status in (*context["ancestors"], root, *context["descendants"])]

    def edit(self, network_id: str, text: str) -> None:
        self.clients[PEOPLE[0]].status_update(network_id, f"@{CITY}@{self.home.host} {text}")

    def delete(self, network_id: str) -> None:
        uri = self.clients[PEOPLE[0]].status(network_id)["uri"]
        self.web(self.far, PEOPLE[0], "action", {"action": "Delete", "id": uri})

    def web(self, server: Snac, user: str, what: str, form: dict[str, str]) -> None:
        """Send a form of the server's own web page, as its user."""
        answer = httpx.post(f"{server.url}/{user}/admin/{what}", data=form, auth=(user, server.passwords[user]))
        assert answer.status_code == 303, answer.text[:300]

    def refused(self) -> AccountRef:
        return replace(self.account, credentials={"access_token": "wrong"})

    def backlog(self, count: int) -> list[str]:
        client, name = self.clients[PEOPLE[1]], f"@{CITY}@{self.home.host}"
        posts = [_same(client.status_post(f"{name} backlog number {n}")["id"]) for n in range(count)]
        self._told(*posts)
        return posts


def _name() -> str:
    """A name for each file: this server keeps files by name."""
    return f"photo{next(_file)}.jpg"


def _same(identifier: Any) -> str:
    """The same id for a post on both servers: the ten digits before are a time, which no call looks at."""
    return "0" * 10 + str(identifier)[10:] if identifier else ""


def _said(status: Any) -> Said:
    return Said(
        _same(status["id"]),
        text_of_html(str(status["content"])),
        str(status["account"]["username"]) == CITY,
        _same(status["in_reply_to_id"] or ""),
        status["visibility"] == "private",
        tuple(str(media["description"] or "") for media in status["media_attachments"]),
        status["created_at"],
    )


def client_of(server: Snac, token: str) -> Mastodon:
    """An independent client."""
    return Mastodon(access_token=token, api_base_url=server.url, mastodon_version="4.2.0", request_timeout=10)


def log_in(server: Snac, user: str, return_to: str = _PAGE) -> str:
    """A token, by the server's own login page."""
    client_id, secret = Mastodon.create_app("residents", api_base_url=server.url, redirect_uris=return_to)
    form = {"login": user, "passwd": server.passwords[user], "redir": return_to, "cid": client_id, "state": ""}
    code = httpx.post(f"{server.url}/oauth/x-snac-login", data=form).text.strip()
    token = httpx.post(
        f"{server.url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "client_id": client_id,
            "client_secret": secret,
            "redirect_uri": return_to,
        },
    )
    return str(token.raise_for_status().json()["access_token"])


@contextmanager
def start(folder: Path) -> Iterator[SnacNet]:
    """Both servers, with all their people."""
    with pair(folder, (CITY,), PEOPLE) as (home, far):
        net = SnacNet(home, far)
        # A deletion is told to followers only, whomever the post named.
        home.follow(CITY, f"{far.url}/{PEOPLE[0]}")
        yield net
