"""A reply to what the city published finds its post, on every network and wherever in the thread it stands."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence

import nostr_sdk
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from websockets.sync.client import connect

from openline.accounts.models import Account
from openline.channels.base import Heard, Incoming
from openline.channels.registry import channel_for
from openline.inbox import keeping, receiving
from openline.inbox.models import Conversation
from openline.outbox import sending
from openline.publishing import leaving, replies, scheduling, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Post, Variant
from openline.publishing.states import VariantState
from openline.sandbox.cast import RESIDENTS
from tests.channels.conftest import Nets
from tests.channels.nets.base import Net
from tests.channels.nets.bluesky import BlueskyNet
from tests.channels.nets.nostr import DESK, NostrNet
from tests.channels.nets.nostr import _publish as publish_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["mastodon", "nostr", "bluesky", "wordpress"])
def net(request: pytest.FixtureRequest, nets: Nets) -> Iterator[Net]:
    found = nets(request.param)
    if isinstance(found, BlueskyNet):
        found.servers.forget_limits()
    found.position()  # nothing that was said before is heard
    yield found
    found.tidy()


@pytest.fixture
def account(net: Net) -> Account:
    known = net.account
    account = Account(network=net.network, handle=known.handle, server=known.server, name="desk")
    account.settings = dict(known.settings)
    account.credentials = known.credentials
    account.network_user_id = known.author_id
    account.save()
    return account


def published(account: Account, text: str, first_comment: str = "") -> Variant:
    """A post that is out, with all that follows it."""
    carla = User.objects.create_superuser("carla")
    words = Words(text, title="News", first_comment=first_comment)
    kind = "blog" if channel_for(account.network).capabilities.articles else "short"
    words = Words(text, "News", text, first_comment) if kind == "blog" else words
    post = writing.create(Content(kind=kind, texts={"en": words}, forms=(Form(str(account.pk)),)), by=carla)
    scheduling.hand_in(post.pk, None, by=carla)
    holder = sending.Holder()
    try:
        while leaving.leave() or sending.send_next(holder.id):
            pass
    finally:
        holder.close()
    variant = post.variants.get()
    assert variant.state == VariantState.SENT, variant.reason
    return variant


def say_below(net: Net, variant: Variant, network_id: str, who: int = 0) -> str:
    """A resident's reply to that very post; returns its id."""
    text = f"words {uuid.uuid4()}"
    if net.network == "wordpress":
        under = int(variant.network_id.removeprefix("post:"))
        above = network_id if network_id.startswith("comment:") else ""
        return net.post(text, in_reply_to=above, who=who, under=under)  # type: ignore[call-arg]
    return net.post(text, in_reply_to=network_id, who=who)


def heard(net: Net, wanted: Sequence[str]) -> dict[str, Incoming]:
    """These posts as they are heard."""
    items: dict[str, Incoming] = {}
    until = time.monotonic() + net.patience
    while set(items) != set(wanted):
        items |= {item.network_id: item for item in net.hearing(cursor=net._cursor) if item.network_id in wanted}
        assert time.monotonic() < until, "they were not heard in time"
    return items


def keep(account: Account, *items: Incoming) -> None:
    """Keep them in this order."""
    for item in items:
        receiving.receive(account.pk, Heard((item,), ""))
        with transaction.atomic():
            keeping.keep(keeping.claim(100), {account.pk: account})


def hear(net: Net, account: Account, wanted: Sequence[str]) -> None:
    """Keep these posts, and nothing else."""
    items = heard(net, wanted)
    keep(account, *(items[one] for one in wanted))


def found(post: Post) -> int:
    return replies.to_post(post, Conversation.objects.all()).count()


def test_a_reply_and_a_reply_to_it_find_the_post(net: Net, account: Account) -> None:
    variant = published(account, f"Snow is coming {uuid.uuid4()}")
    first = say_below(net, variant, variant.network_id)
    hear(net, account, [first])
    deep = say_below(net, variant, first, who=1)
    hear(net, account, [deep])
    assert found(variant.post) == 2
    assert replies.figures_of(variant.post).people == 2
    for conversation in Conversation.objects.all():
        assert replies.answered_post(conversation) == variant


def test_a_reply_to_a_part_and_to_the_first_comment_find_the_post(net: Net, account: Account) -> None:
    text = f"Snow {uuid.uuid4()}. " + "All about the snow plan of this winter. " * 30
    variant = published(account, text, first_comment=f"Source: city code {uuid.uuid4()}")
    standing = list(variant.published.order_by("id").values_list("network_id", flat=True))
    comment, parts = standing[-1], standing[:-1]
    assert comment != variant.network_id
    if net.channel.capabilities.too_long == "thread" and net.network != "nostr":
        assert len(parts) > 1
    said = [say_below(net, variant, one, who=n % 2) for n, one in enumerate([parts[-1], comment])]
    hear(net, account, said)
    assert found(variant.post) == 2


def test_a_reply_whose_parent_is_unknown_is_found_by_its_root(net: Net, account: Account) -> None:
    if net.network == "mastodon":
        pytest.skip("Mastodon names the parent alone, no root of a thread")
    variant = published(account, f"Snow is coming {uuid.uuid4()}")
    parent = say_below(net, variant, variant.network_id)
    if isinstance(net, NostrNet):
        deep = _nostr_reply(net, variant.network_id, parent)
    else:
        deep = say_below(net, variant, parent, who=1)
    items = heard(net, [parent, deep])
    keep(account, items[deep])
    assert found(variant.post) == 1
    keep(account, items[parent])
    assert found(variant.post) == 2


def _nostr_reply(net: NostrNet, root: str, parent: str) -> str:
    """A note as NIP-10 wants it, with root and reply."""
    tags = [["p", DESK.public_key], ["e", root, "", "root"], ["e", parent, "", "reply"]]
    builder = nostr_sdk.EventBuilder(nostr_sdk.Kind(1), "deep").tags([nostr_sdk.Tag.parse(tag) for tag in tags])
    event = builder.finalize(RESIDENTS[1].keys)
    with connect(net.server) as line:
        publish_event(line, event.as_json())
    return str(event.id().to_hex())
