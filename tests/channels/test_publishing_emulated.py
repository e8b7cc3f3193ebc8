"""The same composed post on the networks whose own servers cannot be had: one copy each, whatever breaks on the way.

As in `test_publishing.py`; the emulators are held to the networks' contracts while this runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from openline.accounts.models import Account
from openline.channels.registry import channels
from openline.files import films, keeping
from openline.outbox.models import Delivery
from openline.publishing import changing, leaving, media, scheduling, writing
from openline.publishing.content import Content, Form, Item, Words
from openline.publishing.models import Post, Variant
from openline.publishing.states import Kind, VariantState
from tests.channels import faults
from tests.channels.conftest import Nets
from tests.channels.faults import Fault
from tests.channels.nets.base import Net
from tests.channels.test_conformance import photo
from tests.channels.test_publishing import account_of, die_everywhere, proxied, state, storage, words, work
from tests.publishing.test_media import film

__all__ = ["storage"]
KINDS = {
    "x": Kind.SHORT,
    "facebook": Kind.SHORT,
    "threads": Kind.SHORT,
    "instagram": Kind.SHORT,
    "flickr": Kind.ALBUM,
    "youtube": Kind.VIDEO,
}
"""What is published on each here: with a photo, as an album of one, as a film."""
CAPTIONS = {"en": "WEBVTT\n\n00:00.000 --> 00:01.000\nA tone.\n"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def public(live_server: LiveServer, storage: None) -> Iterator[None]:
    """Our public address, where networks fetch what they are to show."""
    with override_settings(PUBLIC_URL=live_server.url.replace("localhost", "127.0.0.1")):
        yield


@pytest.fixture(scope="module")
def small_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "phone.mp4", 4)


@pytest.fixture(params=KINDS)
def net(request: pytest.FixtureRequest, nets: Nets) -> Iterator[Net]:
    if request.param not in channels():
        pytest.skip(f"{request.param} is not installed")
    found = nets(request.param)
    yield found
    found.tidy()


def copies(net: Net, text: str) -> int:
    """How many posts with these words the city has on that network, as residents see it."""
    emulator = net.emulator  # type: ignore[attr-defined]
    found = emulator.newest(emulator.residents[0], 1000)
    return sum(text in f"{one.title} {one.text}" for one in found if one.by_city)


def file_for(kind: Kind, small_film: Path) -> UUID:
    """A photo, or a film where one is wanted, kept by us."""
    if kind != Kind.VIDEO:
        return keeping.keep(photo()).file.pk
    with small_film.open("rb") as opened:
        return films.keep(opened).pk


def compose(account: Account, text: str, file: UUID, kind: Kind) -> Post:
    """A post with that file, handed in for now, with its media made."""
    user, _made = User.objects.get_or_create(username="carla", defaults={"is_superuser": True})
    item = Item(str(file), {"en": "A sweeper on Broad Street."}, CAPTIONS if kind == Kind.VIDEO else {})
    said = {"en": Words(text, text[:60] if kind != Kind.SHORT else "")}
    content = Content(kind=kind, texts=said, forms=(Form(str(account.pk)),), media=(item,))
    post = writing.create(content, by=user)
    media.prepare(post)
    scheduling.hand_in(post.pk, None, by=user)
    return post


def test_a_post_with_its_file_arrives_once_and_says_where(net: Net, small_film: Path) -> None:
    kind, text = KINDS[net.network], words()
    account = account_of(net)
    post = compose(account, text, file_for(kind, small_film), kind)
    work()
    variant = Variant.objects.get(post=post)
    assert variant.state == VariantState.SENT, variant.reason or Delivery.objects.get().error
    assert variant.network_id and variant.url
    assert copies(net, text) == 1


@pytest.mark.parametrize("fault", [faults.CUT_BEFORE, faults.CUT_AFTER, faults.UNAVAILABLE], ids=lambda f: f.kind)
def test_whatever_call_breaks_there_is_one_copy(net: Net, fault: Fault, small_film: Path) -> None:
    kind = KINDS[net.network]
    file = file_for(kind, small_film)
    with proxied(net) as (proxy, account):
        for nth in range(4):
            text = words()
            with proxy.striking(fault, nth):
                post = compose(account, text, file, kind)
                work()
            work()
            assert state(post, account) == VariantState.SENT, Delivery.objects.latest("created_at").error
            assert copies(net, text) == 1, f"call {nth}"


def test_a_worker_that_is_killed_leaves_one_copy(net: Net, monkeypatch: pytest.MonkeyPatch, small_film: Path) -> None:
    kind, text = KINDS[net.network], words()
    account = account_of(net)
    post = compose(account, text, file_for(kind, small_film), kind)
    leaving.leave()
    met = die_everywhere(monkeypatch)
    assert len(met) > 4
    assert state(post, account) == VariantState.SENT
    assert copies(net, text) == 1


def test_what_is_taken_down_is_gone(net: Net, small_film: Path) -> None:
    kind, text = KINDS[net.network], words()
    account = account_of(net)
    post = compose(account, text, file_for(kind, small_film), kind)
    work()
    variant = Variant.objects.get(post=post)
    if not channels()[net.network].capabilities_of_post(variant.network_id, private=False).delete:
        pytest.skip(f"{net.network} lets nobody delete by its API")
    changing.take_down(variant.pk, "Wrong day.", by=User.objects.get(username="carla"))
    work()
    assert state(post, account) == VariantState.DELETED
    assert copies(net, text) == 0
