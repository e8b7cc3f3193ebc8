"""One composed post on real networks, whatever breaks on the way: each account has exactly one copy at the end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.utils import timezone
from websockets.sync.client import connect

from openline.accounts.models import Account
from openline.channels.base import AccountRef
from openline.channels.text import text_of_html
from openline.files import films, keeping
from openline.knowledge import writing as knowledge
from openline.outbox import sending
from openline.outbox.models import Delivery
from openline.publishing import articles, changing, leaving, media, repairing, scheduling, writing
from openline.publishing.content import Content, Form, Item, Words
from openline.publishing.models import Post, Variant
from openline.publishing.states import Kind, VariantState
from tests.channels import faults
from tests.channels.conftest import DESK, Nets
from tests.channels.faults import Fault, FaultProxy
from tests.channels.nets.base import Net
from tests.channels.test_conformance import photo
from tests.publishing.test_media import film

NETWORKS = ("nostr", "mastodon", "wordpress", "bluesky")
pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[None]:
    from django.conf import settings

    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    with override_settings(STORAGES=settings.STORAGES | {"files": place}):
        yield


def account_of(net: Net, ref: AccountRef | None = None) -> Account:
    """The city's account as a row, reached as `ref` says."""
    ref = ref or net.account
    settings = dict(ref.settings)
    account = Account(network=net.network, handle=ref.handle, server=ref.server, settings=settings, name="News")
    account.network_user_id, account.credentials = ref.author_id, {**_signed_in.get(net.network, {}), **ref.credentials}
    account.save()
    return account


_signed_in: dict[str, dict[str, str]] = {}
"""Bluesky lets nobody sign in for each test anew: what an earlier test was given is used again."""


@pytest.fixture(autouse=True)
def stay_signed_in(transactional_db: None) -> Iterator[None]:
    """Keep the tokens that the network gave, if the account is a good one."""
    yield
    for account in Account.objects.filter(network="bluesky", speaking="ok"):
        _signed_in["bluesky"] = account.credentials


def compose(accounts: list[Account], text: str, **more: Any) -> Post:
    """A post that a person wrote for these accounts, handed in for now, with its media made."""
    forms = tuple(Form(str(account.pk)) for account in accounts)
    user, _made = User.objects.get_or_create(username="carla", defaults={"is_superuser": True})
    post = writing.create(Content(texts={"en": Words(text)}, forms=forms, **more), by=user)
    media.prepare(post)
    scheduling.hand_in(post.pk, None, by=user)
    return post


def work(rounds: int = 60) -> None:
    """What the worker does, with all waiting times over."""
    holder = sending.Holder()
    try:
        for _ in range(rounds):
            now = timezone.now()  # what waits comes behind what is due already, as it does in life
            later = Delivery.objects.filter(state__in=["waiting", "unclear"], next_try_at__gt=now)
            later.update(next_try_at=now)
            Account.objects.update(paused_until=None)
            if not leaving.leave() and not sending.send_next(holder.id):
                return
    finally:
        holder.close()


def state(post: Post, account: Account) -> str:
    return str(Variant.objects.get(post=post, account=account).state)


def copies(net: Net, text: str) -> int:
    """How many posts with these words the city has on that network, asked by other means than our channel."""
    return sum(text in said for said in _SAID[net.network](net))


def _on_nostr(net: Any) -> list[str]:
    with connect(net.server) as line:
        line.send(orjson.dumps(["REQ", "all", {"authors": [DESK.public_key]}]).decode())
        found = []
        while (answer := orjson.loads(line.recv(timeout=10)))[0] == "EVENT":
            found.append(answer[2])
    return [event["content"] for event in found if event["kind"] in (1, 20, 21, 22, 34235, 34236)]


def _on_mastodon(net: Any) -> list[str]:
    found = httpx.get(
        f"{net.server}/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {DESK.token}"}
    )
    address = f"{net.server}/api/v1/accounts/{found.json()['id']}/statuses"
    statuses = httpx.get(address, params={"limit": 40}, headers={"Authorization": f"Bearer {DESK.token}"}).json()
    return [text_of_html(one["content"]) for one in statuses]


def _on_wordpress(net: Any) -> list[str]:
    return [text_of_html(one["content"]["rendered"]) for one in net.public("posts", per_page=100)]


def _on_bluesky(net: Any) -> list[str]:
    asked = {"repo": net.city.did, "collection": "app.bsky.feed.post", "limit": 100}
    return [one["value"]["text"] for one in net.city.ask("com.atproto.repo.listRecords", **asked)["records"]]


_SAID: dict[str, Callable[[Any], list[str]]] = {
    "nostr": _on_nostr,
    "mastodon": _on_mastodon,
    "wordpress": _on_wordpress,
    "bluesky": _on_bluesky,
}


def words() -> str:
    return f"Street sweeping {uuid.uuid4()}"


@contextmanager
def proxied(net: Net) -> Iterator[tuple[FaultProxy, Account]]:
    """The account on the other side of a line that breaks."""
    with FaultProxy(net.port, net.is_send) as proxy:
        yield proxy, account_of(net, net.through(proxy.port))


@pytest.fixture(params=NETWORKS)
def net(request: pytest.FixtureRequest, nets: Nets) -> Iterator[Net]:
    found = nets(request.param)
    yield found
    found.tidy()


def test_one_post_with_a_photo_and_a_long_text_on_all_networks(nets: Nets) -> None:
    found = [nets(name) for name in NETWORKS]
    accounts = [account_of(net) for net in found]
    kept = keeping.keep(photo()).file
    text = words()
    item = Item(str(kept.pk), {"en": "A sweeper on Broad Street."})
    post = compose(accounts, f"{text}. " + "Please move your car before eight. " * 20, media=(item,))
    work()
    assert {state(post, account) for account in accounts} == {VariantState.SENT}
    for net, account in zip(found, accounts, strict=True):
        assert copies(net, text) == 1
        variant = Variant.objects.get(post=post, account=account)
        assert variant.url or net.network == "nostr"
    assert Variant.objects.get(post=post, account=accounts[3]).published.count() > 1  # a numbered thread


def test_a_film_with_captions_on_all_networks(nets: Nets, tmp_path: Path) -> None:
    with film(tmp_path / "phone.mp4", 1).open("rb") as opened:
        kept = films.keep(opened)
    found = [nets(name) for name in NETWORKS]
    accounts = [account_of(net) for net in found]
    captions = {"en": "WEBVTT\n\n00:00.000 --> 00:01.000\nA tone.\n"}
    post = compose(accounts, text := words(), media=(Item(str(kept.pk), {"en": "A test picture."}, captions),))
    work()
    assert {state(post, account) for account in accounts} == {VariantState.SENT}
    assert [copies(net, text) for net in found] == [1, 1, 1, 1]


def test_a_blog_post_is_announced_elsewhere_with_its_address(nets: Nets) -> None:
    blog, other = nets("wordpress"), nets("mastodon")
    accounts = [account_of(other), account_of(blog)]
    title, user = words(), User.objects.create(username="carla", is_superuser=True)
    texts = {"en": Words("All about it.", title, "## When\n\nEvery *second* Tuesday.")}
    forms = tuple(Form(str(account.pk)) for account in accounts)
    post = writing.create(Content(kind=Kind.BLOG, texts=texts, forms=forms), by=user)
    scheduling.hand_in(post.pk, None, by=user)
    work()
    address = Variant.objects.get(post=post, account=accounts[1]).url
    assert httpx.get(address).status_code == 200
    assert sum(address in said for said in _on_mastodon(other)) == 1
    assert copies(blog, "second Tuesday") >= 1
    changing.edit(Variant.objects.get(post=post, account=accounts[1]).pk, "## When\n\nEvery day.", by=user)
    work()
    assert "Every day." in blog.page(address)  # type: ignore[attr-defined]


def test_an_article_on_the_blog_changes_and_goes_with_the_article(nets: Nets) -> None:
    blog = nets("wordpress")
    account, title = account_of(blog), words()
    user = User.objects.create(username="carla", is_superuser=True)
    article = knowledge.create({"title": title, "body": f"{title} is on Mondays.", "how": "Call 311."}, by=user)
    knowledge.publish(article.pk, by=user, seen=None)
    post = writing.create(articles.content_of(article, (Form(str(account.pk)),)), by=user)
    scheduling.hand_in(post.pk, None, by=user)
    work()
    assert copies(blog, f"{title} is on Mondays.") == copies(blog, "Call 311.") == 1
    knowledge.change(article.pk, {"body": f"{title} is on Tuesdays."}, by=user, seen=None)
    work()
    assert (copies(blog, f"{title} is on Mondays."), copies(blog, f"{title} is on Tuesdays.")) == (0, 1)
    knowledge.withdraw(article.pk, by=user, seen=None, why="No more sweeping.")
    work()
    assert copies(blog, f"{title} is on Tuesdays.") == 0
    assert state(post, account) == VariantState.DELETED


def test_one_network_down_for_an_hour_keeps_the_others_waiting_for_nothing(nets: Nets) -> None:
    down, up = nets("mastodon"), nets("nostr")
    with proxied(down) as (proxy, away):
        there = account_of(up)
        with proxy.down():
            post = compose([away, there], text := words())
            work(6)
            assert (state(post, away), state(post, there)) == (VariantState.QUEUED, VariantState.SENT)
            Variant.objects.update(leave_at=timezone.now() - timedelta(hours=1))
        work()
        assert state(post, away) == VariantState.SENT
    assert (copies(down, text), copies(up, text)) == (1, 1)


@pytest.mark.parametrize("fault", [faults.CUT_BEFORE, faults.CUT_AFTER, faults.UNAVAILABLE], ids=lambda f: f.kind)
def test_whatever_call_breaks_there_is_one_copy(net: Net, fault: Fault) -> None:
    kept = keeping.keep(photo()).file
    with proxied(net) as (proxy, account):
        for nth in range(3):
            text = words()
            with proxy.striking(fault, nth):
                post = compose([account], text, media=(Item(str(kept.pk), {"en": "A street."}),))
                work()
            work()
            assert state(post, account) == VariantState.SENT
            assert copies(net, text) == 1, f"call {nth}"


def _found_dead() -> None:
    """Wait until the database has noticed that the worker's connection is gone."""
    until = time.monotonic() + 30
    while not sending.recover():
        assert time.monotonic() < until
        time.sleep(0.05)


def die_everywhere(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Send what is due with workers that die, each at the next moment at which none has died yet; those moments."""
    met = list[str]()

    def die(name: str) -> None:
        if name not in met and name != "settled":
            met.append(name)
            raise Killed

    monkeypatch.setattr(sending, "checkpoint", die)
    for _ in range(40):
        holder = sending.Holder()
        try:
            if not sending.send_next(holder.id):
                break
        except Killed:
            holder.close()  # with it the proof that the worker lives
            _found_dead()
        finally:
            holder.close()
        Delivery.objects.filter(state__in=["waiting", "unclear"]).update(next_try_at=timezone.now())
        Account.objects.update(paused_until=None)
    return met


def test_a_worker_that_is_killed_leaves_one_copy(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    account, kept = account_of(net), keeping.keep(photo()).file
    text = words()
    post = compose([account], text, media=(Item(str(kept.pk), {"en": "A street."}),))
    leaving.leave()
    met = die_everywhere(monkeypatch)
    assert len(met) > 4
    assert state(post, account) == VariantState.SENT
    assert copies(net, text) == 1


def test_a_token_that_is_refused_in_the_middle_waits_for_a_person_and_then_goes_once(net: Net) -> None:
    account, text = account_of(net), words()
    good = account.credentials
    post = compose([account], text)
    leaving.leave()
    account.credentials = dict(net.refused().credentials)
    account.save()
    work(3)
    assert state(post, account) == VariantState.FAILED
    account.refresh_from_db()
    account.credentials = good
    account.save()
    user = User.objects.get(username="carla")
    repairing.retry(Variant.objects.get(post=post).pk, by=user)
    work()
    assert state(post, account) == VariantState.SENT
    assert copies(net, text) == 1


def test_a_correction_and_a_deletion_reach_the_network(net: Net) -> None:
    account, text = account_of(net), words()
    user_post = compose([account], text)
    work()
    variant, user = Variant.objects.get(post=user_post), User.objects.get(username="carla")
    editable = changing.can_edit(variant)  # plain notes of Nostr are not
    assert editable == (net.network in ("mastodon", "wordpress"))
    if editable:
        changing.edit(variant.pk, f"{text}, put right", by=user)
        work()
        assert copies(net, f"{text}, put right") == 1
    else:
        correction = changing.correction(variant, f"{text}, put right", by=user)
        again = writing.create(correction, by=user, corrects=user_post)
        scheduling.hand_in(again.pk, None, by=user)
        work()
        assert copies(net, f"{text}, put right") == 1
    changing.take_down(variant.pk, "Wrong day.", by=user)
    work()
    variant.refresh_from_db()
    assert variant.state == VariantState.DELETED
    assert copies(net, text) == (0 if editable else 1)
