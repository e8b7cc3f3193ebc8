"""From a draft to each account: once, in time, with what then follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from openline.outbox.models import Delivery
from openline.publishing import changing, repairing, scheduling, writing
from openline.publishing.content import Content, Words, read
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import ApprovalRule, Errand, Post, PostVersion, Published, Variant
from openline.publishing.states import PostState, VariantState
from openline.records.models import Record
from tests.publishing.conftest import Newsroom
from tests.world import posts


def test_a_post_goes_out_once_on_each_account(newsroom: Newsroom) -> None:
    post = newsroom.post("Snow is coming.", "news", "mayor")
    newsroom.publish(post)
    newsroom.work()
    assert newsroom.said("news") == newsroom.said("mayor") == ["Snow is coming."]
    post.refresh_from_db()
    assert post.state == PostState.OUT
    variant = newsroom.variant(post)
    assert variant.state == VariantState.SENT
    assert Published.objects.get(account=variant.account).network_id == variant.network_id


def test_each_account_may_have_its_own_words(newsroom: Newsroom) -> None:
    content = newsroom.content("For all.", "news", "mayor")
    own = [form for form in content.forms if form.account == str(newsroom.account("mayor").pk)][0]
    from dataclasses import replace

    forms = tuple(replace(form, text="From me.") if form == own else form for form in content.forms)
    newsroom.publish(writing.create(replace(content, forms=forms), by=newsroom.person("carla")))
    assert newsroom.said("news") == ["For all."]
    assert newsroom.said("mayor") == ["From me."]


def test_nothing_leaves_before_its_time(newsroom: Newsroom) -> None:
    post = newsroom.post()
    newsroom.publish(post, timezone.now() + timedelta(hours=1))
    assert newsroom.said() == []
    assert newsroom.variant(post).state == VariantState.PLANNED
    Variant.objects.update(leave_at=timezone.now() - timedelta(seconds=1))
    newsroom.work()
    assert len(newsroom.said()) == 1


def test_a_lost_answer_never_makes_two_posts(newsroom: Newsroom) -> None:
    post = newsroom.post()
    (newsroom.folder / "news.faults").write_text("1")
    newsroom.publish(post)
    newsroom.hurry()
    assert len(newsroom.said()) == 1
    assert newsroom.variant(post).state == VariantState.SENT


def test_what_is_too_late_is_missed_and_waits_for_a_person(newsroom: Newsroom) -> None:
    post = newsroom.post()
    newsroom.publish(post, timezone.now() + timedelta(hours=1))
    Variant.objects.update(leave_at=timezone.now() - timedelta(hours=3))
    newsroom.work()
    assert newsroom.said() == []
    variant = newsroom.variant(post)
    assert variant.state == VariantState.MISSED
    repairing.plan_again(variant.pk, None, by=newsroom.person("carla"))
    newsroom.work()
    assert len(newsroom.said()) == 1


def test_a_delivery_that_waited_too_long_in_the_outbox_is_missed_too(newsroom: Newsroom) -> None:
    post = newsroom.post()
    scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    from openline.publishing import leaving

    leaving.leave()
    Delivery.objects.update(not_after=timezone.now() - timedelta(seconds=1))
    newsroom.work()
    assert newsroom.said() == []
    assert newsroom.variant(post).state == VariantState.MISSED
    repairing.plan_again(newsroom.variant(post).pk, None, by=newsroom.person("carla"))
    newsroom.work()
    assert len(newsroom.said()) == 1


def test_a_first_comment_follows_below_the_post(newsroom: Newsroom) -> None:
    post = newsroom.post(texts={"en": Words("Read this.", first_comment="Source: city code 10-111.")})
    newsroom.publish(post)
    first, comment = posts(str(newsroom.folder / "news"))
    assert comment["to"] == first["id"]
    assert comment["text"] == "Source: city code 10-111."
    assert Errand.objects.get().done_at
    assert Published.objects.filter(network_id=comment["id"]).exists()


def test_an_edit_reaches_the_network_once(newsroom: Newsroom) -> None:
    post = newsroom.post("Saturday at 7.")
    newsroom.publish(post)
    changing.edit(newsroom.variant(post).pk, "Saturday at 8.", by=newsroom.person("carla"))
    newsroom.work()
    first, edit = posts(str(newsroom.folder / "news"))
    assert edit["action"] == "edit"
    assert edit["about"] == first["id"]
    assert edit["text"] == "Saturday at 8."


def test_a_post_is_taken_down_with_all_its_parts(newsroom: Newsroom) -> None:
    post = newsroom.post("A long story. " * 60)
    newsroom.publish(post)
    standing = [one["id"] for one in posts(str(newsroom.folder / "news"))]
    assert len(standing) == 2
    carla = newsroom.person("carla")
    with pytest.raises(NotPossible):
        changing.take_down(newsroom.variant(post).pk, " ", by=carla)
    changing.take_down(newsroom.variant(post).pk, "Wrong street.", by=carla)
    newsroom.work()
    gone = [one["about"] for one in posts(str(newsroom.folder / "news")) if one.get("action") == "delete"]
    assert gone == standing
    assert newsroom.variant(post).state == VariantState.DELETED
    with pytest.raises(NotPossible):
        changing.take_down(newsroom.variant(post).pk, "Again.", by=carla)


def test_who_saves_over_another_is_told(newsroom: Newsroom) -> None:
    post, carla = newsroom.post(), newsroom.person("carla")
    writing.change(post.pk, newsroom.content("Mine."), by=carla, seen=1)
    with pytest.raises(Conflict):
        writing.change(post.pk, newsroom.content("Theirs."), by=newsroom.person("omar"), seen=1)
    assert Content.from_json(PostVersion.objects.get(number=2).content).first.text == "Mine."
    assert read(Post.objects.get()).first.text == "Mine."


def test_a_changed_post_loses_its_place_in_the_plan(newsroom: Newsroom) -> None:
    post, carla = newsroom.post(), newsroom.person("carla")
    newsroom.publish(post, timezone.now() + timedelta(hours=1))
    writing.change(post.pk, newsroom.content("Other words."), by=carla, seen=1)
    post.refresh_from_db()
    assert post.state == PostState.DRAFT
    assert newsroom.variant(post).state == VariantState.DRAFT


def test_a_post_waits_for_approval_of_exactly_this_version(newsroom: Newsroom) -> None:
    ApprovalRule.objects.create(account=None, kind="", needs="one")
    post, carla, omar = newsroom.post(), newsroom.person("carla"), newsroom.person("omar")
    newsroom.publish(post)
    assert newsroom.said() == []
    with pytest.raises(NotPossible):
        scheduling.approve(post.pk, by=carla, seen=1)
    writing.change(post.pk, newsroom.content("Other words."), by=carla, seen=1)
    with pytest.raises(Conflict):
        scheduling.approve(post.pk, by=omar, seen=1)
    scheduling.approve(post.pk, by=omar, seen=2)
    newsroom.work()
    assert newsroom.said() == ["Other words."]


def test_one_account_that_refuses_leaves_the_others_alone(newsroom: Newsroom) -> None:
    post = newsroom.post("For both.", "news", "mayor")
    newsroom.account("mayor").__class__.objects.filter(handle="@mayor").update(enabled=False)
    with pytest.raises(NotPossible):
        writing.create(newsroom.content("More.", "mayor"), by=newsroom.person("carla"))
    newsroom.publish(post)
    assert newsroom.said("news") == ["For both."]
    assert newsroom.variant(post, "mayor").state == VariantState.QUEUED


def test_an_incomplete_post_is_refused_and_changes_nothing(newsroom: Newsroom) -> None:
    post = newsroom.post("")
    with pytest.raises(NotPossible) as refused:
        scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    assert refused.value.field == "text"
    post.refresh_from_db()
    assert (post.state, post.leave_at) == (PostState.DRAFT, None)


def test_every_step_is_on_the_record(newsroom: Newsroom) -> None:
    newsroom.publish(newsroom.post())
    said = list(Record.objects.order_by("id").values_list("kind", "body__what"))
    assert ("changed", "post written") in said
    assert ("changed", "post scheduled") in said
    assert ("written", "post") in said
    assert ("said", "post") in said


def test_what_breaks_on_one_post_breaks_no_other(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.publishing import fitting

    good, bad = newsroom.post("Good."), newsroom.post("Bad.")
    fit = fitting.fit

    def broken(content: Content, *more: object, **others: object) -> object:
        if content.first.text == "Bad.":
            raise RuntimeError("a bug")
        return fit(content, *more, **others)  # type: ignore[arg-type]

    for post in (bad, good):
        scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    monkeypatch.setattr(fitting, "fit", broken)
    newsroom.work()
    assert newsroom.said() == ["Good."]
    assert newsroom.variant(bad).state == VariantState.MISSED


def test_what_waits_keeps_nobody_behind_it_waiting(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.publishing import leaving, media

    waiting = [newsroom.post(f"Waits {n}.") for n in range(3)]
    behind = newsroom.post("Goes.")
    for post in (*waiting, behind):
        scheduling.hand_in(post.pk, None, by=newsroom.person("carla"))
    monkeypatch.setattr(media, "ready", lambda variant: variant.post_id == behind.pk)
    assert leaving.leave(limit=2) == 1
    assert newsroom.variant(behind).state == VariantState.QUEUED


def test_of_one_account_only_some_are_on_their_way_at_a_time(newsroom: Newsroom) -> None:
    from openline.publishing import leaving

    for n in range(leaving.AT_ONCE + 3):
        scheduling.hand_in(newsroom.post(f"Post {n}.").pk, None, by=newsroom.person("carla"))
    scheduling.hand_in(newsroom.post("Other.", "mayor").pk, None, by=newsroom.person("carla"))
    leaving.leave()
    queued = Variant.objects.filter(state=VariantState.QUEUED)
    assert queued.filter(account=newsroom.account("news")).count() == leaving.AT_ONCE
    assert queued.filter(account=newsroom.account("mayor")).count() == 1
    newsroom.work()
    assert len(newsroom.said()) == leaving.AT_ONCE + 3


def test_what_is_tried_again_or_given_up_elsewhere_is_so_on_the_post_too(newsroom: Newsroom) -> None:
    from openline.outbox import actions
    from openline.publishing import leaving

    carla = newsroom.person("carla")
    for decide, state in ((actions.retry, VariantState.QUEUED), (actions.cancel, VariantState.CANCELLED)):
        post = newsroom.post(f"For {state}.")
        scheduling.hand_in(post.pk, None, by=carla)
        leaving.leave()
        variant = newsroom.variant(post)
        Delivery.objects.filter(pk=variant.delivery_id).update(state="failed")
        Variant.objects.filter(pk=variant.pk).update(state=VariantState.FAILED)
        assert variant.delivery_id
        decide(variant.delivery_id, carla)
        assert newsroom.variant(post).state == state
