"""The lists of posts: who sees them, what stands in which, and how they are paged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from openline.console import publish_menu
from openline.publishing import listing, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Post, Review, Variant
from openline.publishing.states import PostState, VariantState
from tests.console import world

pytestmark = pytest.mark.django_db
POSTS = "/console/posts/"


def post(text: str, state: str = PostState.DRAFT, *, minutes: int = 0) -> Post:
    """A post on the city's account that was changed `minutes` ago."""
    content = Content(texts={"en": Words(text)}, forms=(Form(str(world.account().pk)),))
    made = writing.create(content, by=None)
    Post.objects.filter(pk=made.pk).update(state=state, changed_at=timezone.now() - timedelta(minutes=minutes))
    return made


@pytest.mark.parametrize(("role", "may"), [("communications", 200), ("official", 403), ("agent", 403), ("crew", 403)])
def test_who_may_write(login: Callable[[str], Client], role: str, may: int) -> None:
    assert login(role).get(POSTS).status_code == may


def test_the_navigation_shows_what_there_is_and_one_may(login: Callable[[str], Client]) -> None:
    page = login("communications").get(POSTS).content.decode()
    assert f'<a href="{POSTS}" aria-current="true">Write</a>' in page
    assert publish_menu.places(frozenset({"inbox"}), POSTS) == []
    assert POSTS not in login("agent").get(reverse("console:inbox")).content.decode()


def test_what_was_sent_back_says_why_where_its_writer_looks(
    login: Callable[[str], Client], staff: dict[str, User]
) -> None:
    client, back = login("communications"), post("A draft about snow")
    said = {"verdict": "returned", "comment": "Say Wednesday.", "by": staff["official"]}
    Review.objects.create(post=back, version=1, at=timezone.now(), **said)
    editor = reverse("console:post_edit", args=[back.pk])
    assert "Say Wednesday." in client.get(POSTS).content.decode()
    assert "Say Wednesday." in client.get(editor).content.decode()
    Review.objects.create(post=back, version=1, at=timezone.now(), **said | {"verdict": "approved", "comment": ""})
    assert "Say Wednesday." not in client.get(POSTS).content.decode()


def test_each_list_has_its_posts(login: Callable[[str], Client]) -> None:
    client = login("communications")
    post("An idea about trees", PostState.IDEA)
    post("A draft about snow")
    failed = post("Gone out, but not there", PostState.OUT)
    Variant.objects.filter(post=failed).update(state=VariantState.FAILED, reason="The network refuses the token.")
    seen = {view.key: client.get(POSTS, {"view": view.key}).content.decode() for view in listing.VIEWS}
    assert "about trees" in seen["ideas"] and "about trees" not in seen["drafts"]
    assert "about snow" in seen["drafts"]
    assert "but not there" in seen["out"] and "refuses the token" in seen["trouble"]
    assert "snow" in client.get(POSTS, {"q": "SNOW"}).content.decode()
    assert "about snow" not in client.get(POSTS, {"q": "trees"}).content.decode()


def test_pages_follow_each_other_without_gap_or_repetition(db: None) -> None:
    made = [post(f"Post {n}", minutes=n // 3) for n in range(listing.PAGE + 5)]
    first, key = listing.page(listing.view_named("drafts"))
    second, end = listing.page(listing.view_named("drafts"), key)
    assert {one.pk for one in [*first, *second]} == {one.pk for one in made} and len(first) == listing.PAGE
    assert end == "" and listing.page(listing.view_named("drafts"), "nonsense_key")[0] == first


def test_a_longer_list_costs_no_more_queries(login: Callable[[str], Client], staff: dict[str, User]) -> None:
    client = login("communications")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(POSTS)
        return len(queries)

    post("One")
    cost()
    one = cost()
    for n in range(10):
        post(f"More {n}")
    assert cost() == one <= 20
