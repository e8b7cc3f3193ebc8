"""The demo's newsroom: something in each state, once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from openline.accounts.models import Account, Mandate
from openline.console.permissions import create_demo_users
from openline.operations import newsroom
from openline.publishing.models import Post, Variant
from tests.world import city_account

pytestmark = pytest.mark.django_db


def test_there_is_something_in_each_state(philadelphia: None, tmp_path: Path) -> None:
    create_demo_users("open the line")
    city_account(tmp_path / "desk")
    city_account(tmp_path / "mayor", "@mayor", mandate=Mandate.OFFICIAL)
    newsroom.tell()
    newsroom.tell()
    states = Counter(Post.objects.values_list("state", flat=True))
    assert states == {"scheduled": 4, "review": 1, "draft": 1, "idea": 1}


def test_networks_of_pictures_get_no_samples_of_words_alone() -> None:
    create_demo_users("open the line")
    for network in ("mastodon", "youtube", "flickr"):
        Account.objects.create(network=network, handle=f"@{network}", server="http://127.0.0.1:1", name=network)
    newsroom.tell()
    assert {one.account.network for one in Variant.objects.select_related("account")} == {"mastodon"}
