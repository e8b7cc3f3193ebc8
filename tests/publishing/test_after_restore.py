"""After a restore a planned post that went out in the time that is lost does not go out again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from openline.outbox import restoring
from openline.publishing import repairing
from openline.publishing.models import Post, Variant
from openline.publishing.states import VariantState
from tests.publishing.conftest import Newsroom
from tests.world import FileNetwork


@pytest.fixture
def planned(newsroom: Newsroom) -> Iterator[Post]:
    """A post whose time came in the three hours that are lost."""
    post = newsroom.post("Snow is coming.")
    newsroom.publish(post, timezone.now() + timedelta(hours=1))
    Variant.objects.update(leave_at=timezone.now() - timedelta(hours=1))
    restoring.begin(timezone.now() - timedelta(hours=3))
    yield post
    restoring.forget()


def went_out(newsroom: Newsroom, text: str = "Snow is coming.") -> None:
    at = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    Path(newsroom.folder / "news").write_text(f'{{"id": "1-{at}", "text": "{text}", "to": ""}}\n')


def test_what_is_found_is_out(newsroom: Newsroom, planned: Post) -> None:
    went_out(newsroom)
    newsroom.work()
    variant = newsroom.variant(planned)
    assert variant.state == VariantState.SENT and variant.network_id.startswith("1-")
    assert newsroom.said() == ["Snow is coming."]


def test_what_is_not_found_waits_for_a_person(newsroom: Newsroom, planned: Post) -> None:
    newsroom.work()
    variant = newsroom.variant(planned)
    assert newsroom.said() == [] and variant.state == VariantState.MISSED and "restore" in variant.reason
    repairing.plan_again(variant.pk, None, by=newsroom.person("carla"))
    newsroom.work()
    assert newsroom.said() == ["Snow is coming."]


def test_a_network_that_does_not_tell_is_not_asked(
    newsroom: Newsroom, planned: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute = FileNetwork.capabilities.__class__(500, True, True, True, "poll", idempotent_send=False)
    monkeypatch.setattr(FileNetwork, "capabilities", mute)
    newsroom.work()
    variant = newsroom.variant(planned)
    assert newsroom.said() == [] and variant.state == VariantState.MISSED and "does not tell" in variant.reason


def test_a_first_comment_is_not_said_twice(newsroom: Newsroom) -> None:
    from openline.publishing.content import Words

    content = newsroom.content(texts={"en": Words("Snow is coming.", first_comment="More on 311.")})
    from openline.publishing import scheduling, writing

    post = writing.create(content, by=newsroom.person("carla"))
    scheduling.hand_in(post.pk, timezone.now() + timedelta(hours=1), by=newsroom.person("carla"))
    Variant.objects.update(leave_at=timezone.now() - timedelta(hours=1))
    restoring.begin(timezone.now() - timedelta(hours=3))
    went_out(newsroom)
    first = newsroom.folder / "news"
    above = first.read_text().split('"')[3]
    at = (datetime.now(UTC) - timedelta(minutes=59)).timestamp()
    first.write_text(first.read_text() + f'{{"id": "2-{at}", "text": "More on 311.", "to": "{above}"}}\n')
    newsroom.work()
    restoring.forget()
    assert newsroom.said() == ["Snow is coming.", "More on 311."]


def test_what_is_planned_for_later_goes_out_in_its_time(newsroom: Newsroom) -> None:
    post = newsroom.post("Sun is coming.")
    newsroom.publish(post, timezone.now() + timedelta(hours=1))
    restoring.begin(timezone.now() - timedelta(hours=3))
    newsroom.work()
    assert newsroom.variant(post).state == VariantState.PLANNED
    Variant.objects.update(leave_at=timezone.now() + timedelta(milliseconds=1))
    while not newsroom.said():
        newsroom.work()
    restoring.forget()
    assert newsroom.said() == ["Sun is coming."]
