"""The page of one post: what stands where, what went wrong, and what a person does about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from openline.outbox.models import Delivery, State
from openline.publishing import leaving, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Errand, Post, Published, Speaker, Variant
from openline.publishing.states import PostState, VariantState
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(login: Callable[[str], Client]) -> Client:
    """Signed in as communications."""
    return login("communications")


def post(state: str, *, kind: str = "", reason: str = "", by: User | None = None) -> Variant:
    """A post that is out, on one account in `state`."""
    account = world.account()
    content = Content(texts={"en": Words("Trash day moves to Saturday.")}, forms=(Form(str(account.pk)),))
    made = writing.create(content, by=by)
    Post.objects.filter(pk=made.pk).update(state=PostState.OUT, leave_at=timezone.now())
    variant = Variant.objects.select_related("post", "account").get(post=made)
    if state in (VariantState.FAILED, VariantState.SENT):
        variant.delivery = leaving.put_out(variant, leaving.outgoing_of(variant), key=f"test:{variant.pk}")
        sent = State.SENT if state == VariantState.SENT else State.FAILED
        Delivery.objects.filter(pk=variant.delivery.pk).update(state=sent, error_kind=kind, error=reason)
    variant.state, variant.reason = state, reason
    if state == VariantState.SENT:
        variant.network_id, variant.url, variant.sent_at = "1", "https://social.example/1", timezone.now()
        Published.objects.create(account=account, network_id="1", variant=variant)
    variant.save()
    return variant


def page(client: Client, variant: Variant) -> str:
    """The page of its post."""
    return client.get(reverse("console:post", args=[variant.post_id])).content.decode()


def press(client: Client, variant: Variant, do: str, **typed: Any) -> Any:
    """Press a button below the variant."""
    return client.post(reverse("console:post_variant", args=[variant.post_id, variant.pk]), {"do": do, **typed})


def test_what_failed_says_why_and_what_to_do_and_is_tried_again(client: Client) -> None:
    variant = post(VariantState.FAILED, kind="TokenExpired", reason="The network refuses the token.")
    shown = page(client, variant)
    assert "The network refuses the token." in shown and "connects the account again" in shown
    assert press(client, variant, "retry").status_code == 302
    variant.refresh_from_db()
    assert variant.state == VariantState.QUEUED and variant.delivery and variant.delivery.state == State.UNCLEAR
    answer = press(client, variant, "retry")
    assert answer.status_code == 422 and "This is not so any more" in answer.content.decode()


def test_what_was_missed_is_planned_again_or_given_up(client: Client) -> None:
    variant = post(VariantState.MISSED, reason="It could not go out in time.")
    assert "Plan it again if it is still true" in page(client, variant)
    assert press(client, variant, "plan_again", when="at", at="").status_code == 422
    assert press(client, variant, "plan_again", when="now").status_code == 302
    variant.refresh_from_db()
    assert variant.state == VariantState.PLANNED
    assert press(client, variant, "give_up").status_code == 302
    variant.refresh_from_db()
    assert variant.state == VariantState.CANCELLED


def test_what_stands_is_changed_there_taken_down_and_corrected(client: Client) -> None:
    variant = post(VariantState.SENT)
    shown = page(client, variant)
    assert 'href="https://social.example/1"' in shown and "Trash day moves to Saturday." in shown
    press(client, variant, "edit", text="Trash day moves to Sunday.", revision="0")
    assert Errand.objects.get().what == "edit" and "Change: Waiting to be sent" in page(client, variant)
    late = press(client, variant, "edit", text="Other", revision="0")
    assert late.status_code == 422 and "changed meanwhile" in late.content.decode()
    assert "Say why first" in press(client, variant, "take_down", reason=" ").content.decode()
    assert press(client, variant, "take_down", reason="wrong day").status_code == 302
    assert Errand.objects.filter(what="delete").count() == 1
    begin = client.get(reverse("console:post_new"), {"corrects": variant.pk}).content.decode()
    assert "Correction:" in begin and 'name="corrects"' in begin


def test_a_correction_is_tied_to_what_it_puts_right(client: Client) -> None:
    from tests.console.test_composer import edit, form

    variant = post(VariantState.SENT)
    begin = client.get(reverse("console:post_new"), {"corrects": variant.pk}).content.decode()
    sealed = begin.split('name="corrects" value="')[1].split('"')[0]
    import uuid

    new = uuid.uuid4()
    edit(client, new, form(variant.account, "Correction: it is Sunday.", corrects=sealed))
    assert Post.objects.get(pk=new).corrects_id == variant.post_id
    assert "A later post puts this one right" in page(client, variant)


def test_versions_show_who_changed_which_words(client: Client, staff: dict[str, User]) -> None:
    account = world.account()
    content = Content(texts={"en": Words("Bins out on Friday.")}, forms=(Form(str(account.pk)),))
    made = writing.create(content, by=staff["communications"])
    changed = Content(texts={"en": Words("Bins out on Sunday.")}, forms=content.forms, topics=("trash",))
    writing.change(made.pk, changed, by=staff["supervisor"], seen=1)
    shown = client.get(reverse("console:post", args=[made.pk])).content.decode()
    assert "<del>Friday.</del><ins>Sunday.</ins>" in shown and "Demo supervisor" in shown and "Topics" in shown
    assert "post changed" in shown and "post written" in shown


def test_comments_and_the_life_of_the_whole_post(client: Client) -> None:
    account = world.account()
    made = writing.create(Content(texts={"en": Words("A")}, forms=(Form(str(account.pk)),)), by=None)
    address = reverse("console:post_act", args=[made.pk])
    assert "Write your comment first" in client.post(address, {"do": "comment", "comment": " "}).content.decode()
    client.post(address, {"do": "comment", "comment": "Is the day right?"})
    assert "Is the day right?" in client.get(reverse("console:post", args=[made.pk])).content.decode()
    client.post(address, {"do": "cancel", "reason": "not needed"})
    assert Post.objects.get().state == PostState.CANCELLED
    client.post(address, {"do": "take_up"})
    assert Post.objects.get().state == PostState.DRAFT
    assert client.post(address, {"do": "nonsense"}).status_code == 422


def test_only_who_speaks_as_the_account_acts_there(client: Client, staff: dict[str, User]) -> None:
    variant = post(VariantState.FAILED, kind="NetworkDown", reason="Away.")
    Speaker.objects.create(account=variant.account, user=staff["supervisor"])
    assert "Try it again</button>" not in page(client, variant)
    assert press(client, variant, "retry").status_code == 422
    variant.refresh_from_db()
    assert variant.state == VariantState.FAILED


@pytest.mark.parametrize(("name", "role"), [("post", "agent"), ("post_edit", "official"), ("post_preview", "crew")])
def test_others_do_not_see_it(login: Callable[[str], Client], name: str, role: str) -> None:
    variant = post(VariantState.SENT)
    address = reverse(f"console:{name}", args=[variant.post_id])
    answer = login(role).post(address) if name == "post_preview" else login(role).get(address)
    assert answer.status_code == 403


def test_more_accounts_cost_no_more_queries(client: Client) -> None:
    variant = post(VariantState.SENT)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, variant)
        return len(queries)

    cost()
    one = cost()
    for n in range(5):
        Variant.objects.create(post=variant.post, account=world.account(f"@more{n}"), language="en")
    assert cost() <= one + 5  # the short links of each, where it has any


def test_the_page_of_unsent_names_posts_by_cause(login: Callable[[str], Client]) -> None:
    failed = post(VariantState.FAILED, kind="TokenExpired", reason="The network refuses the token.")
    Post.objects.filter(pk=failed.post_id).update(name="About trash")
    post(VariantState.MISSED, reason="It could not go out in time.")
    shown = login("supervisor").get(reverse("console:unsent")).content.decode()
    assert "About trash" in shown and f"/console/posts/{failed.post_id}/" in shown
    assert "Posts that came too late" in shown and "It could not go out in time." in shown
    assert "About trash" in login("agent").get(reverse("console:unsent")).content.decode()
