"""The discussion under a request: who sees what, who may write, and what never gets out."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.care import correcting, speaking
from openline.care.fetching import fetch_photos
from openline.channels.enclosing import Enclosed
from openline.community import discussion, moderation, saying, threads
from openline.community.models import Comment, Flag, Liaison, Member
from openline.files.models import Attachment
from openline.inbox.models import Conversation, Message
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from tests.community.world import comment, member, page, send, signed_in, work
from tests.files import samples
from tests.open311.test_georeport import new

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db]
EVIL = '<script>alert(1)</script><img src=x onerror="alert(1)"> [x](javascript:alert(1)) javascript:alert(1)'


def at(request: ServiceRequest) -> str:
    return f"/requests/{request.number}/"


def say_at(request: ServiceRequest) -> str:
    return f"/discussions/request:{request.number}/say/"


def feeds(request: ServiceRequest) -> str:
    return "".join(page(f"/discussions/request:{request.number}/feed.{one}") for one in ("atom", "rss", "json"))


def everything_public(request: ServiceRequest) -> str:
    paths = (at(request), "/feeds/requests.json", "/feeds/updates.json",
             f"/open311/v2/requests/{request.number}.json", "/requests/")  # fmt: skip
    return feeds(request) + "".join(page(one) for one in paths)


def test_a_member_writes_and_everybody_reads_it_on_the_page_and_in_the_feed() -> None:
    request, browser = new(), signed_in(member())
    assert "Join to write" in page(at(request)) and "<textarea" not in page(at(request))
    answer = send(browser, say_at(request), at(request), text="It is deeper now, mind your wheels")
    assert answer.status_code == 302 and answer["Location"] == f"{at(request)}#discussion"
    assert "is being read" in page(at(request), browser) and "deeper" not in page(at(request))
    work()
    shown = page(at(request))
    assert "mind your wheels" in shown and "Ana" in shown and "ana@" not in shown and "is being read" not in shown
    assert "mind your wheels" in feeds(request)


def test_answers_stand_one_level_deep_and_the_city_has_the_official_word(django_user_model: type) -> None:
    request, desk = new(), django_user_model.objects.create_user("desk")
    first = comment(member(), request, "When does somebody fill this hole?")
    comment(member("Ben"), request, "I asked that too.", under=first)
    speaking.say(Conversation.objects.get(identity__name="Ana"), "On Monday.", purpose="reply:1", by=desk)
    work()
    [top] = discussion.page(f"request:{request.number}", None, request=request).said
    assert [(one.name, one.text, one.badges) for one in top.answers] == [
        ("Ben", "I asked that too.", []),
        ("Philadelphia", "On Monday.", ["City"]),
    ]
    said = Message.objects.get(direction="out")
    correcting.correct(said, "On Tuesday.", by=desk, key="1")
    work()
    assert "On Tuesday." in page(at(request)) and "On Monday." not in page(at(request))
    correcting.take_back(said, "wrong", by=desk, key="2")
    work()
    assert "On Tuesday." not in page(at(request)) + feeds(request)


def test_words_are_escaped_on_every_page(django_user_model: type) -> None:
    request = new()
    eve = member('<b onclick="x">Eve')
    said = comment(eve, request, EVIL)
    Comment.objects.update(state="shown", text=EVIL)
    for html in (page(at(request)), page(f"/comments/{said.pk}/report/", signed_in(member())),
                 page(f"{say_at(request)}?to={said.pk}", signed_in(member("Ben")))):  # fmt: skip
        assert "<script>alert" not in html and "<img src=x" not in html and '<b onclick="x">' not in html
        assert 'href="javascript' not in html


def test_held_words_are_seen_by_their_writer_alone(django_user_model: type) -> None:
    request, eve = new(), member("Eve")
    comment(eve, request, "Cheap watches, look at https://watches.example")
    held = Comment.objects.get()
    assert held.state == "waiting" and held.why == "A link from a new member." and held.look
    assert "watches" not in everything_public(request) + page(at(request), signed_in(member()))
    mine = page(at(request), signed_in(eve))
    assert "Cheap watches" in mine and "Waits for a look" in mine
    assert signed_in(member("Ben")).get(f"/comments/{held.pk}/report/").status_code == 404
    assert signed_in(member("Cleo")).get(f"{say_at(request)}?to={held.pk}").status_code == 404
    moderation.show(held.pk, by=django_user_model.objects.create_user("desk"))
    assert "Cheap watches" in page(at(request)) and "Cheap watches" in feeds(request)


def test_abuse_waits_and_no_machine_hides_or_answers_it() -> None:
    request = new()
    comment(member("Eve"), request, "You fucking idiots, all of you are worthless pieces of shit")
    assert Comment.objects.get().state == "waiting" and not Message.objects.filter(direction="out").exists()
    assert "idiots" not in everything_public(request)


def test_hidden_words_say_when_and_why_and_their_writer_can_ask_once_for_another_look(django_user_model: type) -> None:
    request, eve, desk = new(), member("Eve"), django_user_model.objects.create_user("desk")
    said = comment(eve, request, "Rosa lives in the yellow house, she did it")
    moderation.hide(said.pk, "personal", by=desk, key="1")
    work()
    shown = page(at(request)) + page(at(request), signed_in(member()))
    assert "yellow house" not in shown + feeds(request) and "No personal data of others" in shown
    said.refresh_from_db()
    assert said.details["hidden"], "the console shows it as on every network"
    browser = signed_in(eve)
    assert "Hidden by the city." in page("/me/", browser) and "Hidden" not in page("/me/", signed_in(member("Cleo")))
    assert '"rule":"personal"' in page("/me/everything.json", browser).replace(" ", "")
    assert "yellow house" in page(at(request), browser) and "Ask for another look" in page(at(request), browser)
    path = f"/comments/{said.pk}/appeal/"
    assert signed_in(member("Ben")).get(path).status_code == 404
    assert send(browser, path, path, words="She told it herself").status_code == 302
    found = Comment.objects.get()
    assert found.look and found.appeal == "She told it herself"
    with pytest.raises(NotPossible):
        moderation.appeal(said.pk, "Again", by=eve)
    moderation.show(said.pk, by=desk)
    assert "yellow house" in page(at(request))
    said.refresh_from_db()
    assert not (said.details or {}).get("hidden")


def test_personal_data_is_masked_in_public_and_whole_on_the_record() -> None:
    request, ana = new(), member()
    said = comment(ana, request, "Call me at 215-555-0142, I saw who did it")
    assert "555-0142" not in everything_public(request) and "I saw who did it" in page(at(request))
    assert "555-0142" in said.text and "555-0142" in page(at(request), signed_in(ana))


def test_one_changes_and_takes_back_ones_own_words_and_nobody_elses() -> None:
    request, ana = new(), member()
    said = comment(ana, request, "It is deep")
    path = f"/comments/{said.pk}/change/"
    eve = signed_in(member("Eve"))
    assert eve.get(path).status_code == 404
    assert send(eve, path, at(request), text="Ha").status_code == 404
    assert send(eve, path, at(request), choose="take_back").status_code == 404
    assert Client().get(path).status_code == 302
    browser = signed_in(ana)
    assert send(browser, path, path, text="It is very deep").status_code == 302
    work()
    assert "It is very deep" in page(at(request)) and "edited" not in page(at(request))
    Comment.objects.update(at=timezone.now() - timedelta(minutes=20))
    assert "edited" in page(at(request))
    assert send(browser, path, path, choose="take_back").status_code == 302
    work()
    assert "very deep" not in everything_public(request)


def test_an_edit_is_read_again_and_cannot_bring_in_what_would_be_held(django_user_model: type) -> None:
    request, eve = new(), member("Eve")
    said = comment(eve, request, "It is deep")
    saying.change(eve, said, "Cheap watches at https://watches.example")
    work()
    assert "watches" not in everything_public(request)
    moderation.hide(said.pk, "spam", by=django_user_model.objects.create_user("desk"), key="1")
    with pytest.raises(NotPossible):
        saying.change(eve, said, "It is deep")


def test_nothing_is_written_without_the_token_or_by_who_has_not_joined() -> None:
    request, ana = new(), member()
    said = comment(ana, request, "It is deep")
    forged = signed_in(member("Ben"), enforce_csrf_checks=True)
    for path in (say_at(request), f"/comments/{said.pk}/report/", f"/comments/{said.pk}/change/"):
        assert forged.post(path, {"text": "x", "rule": "spam"}).status_code == 403
        assert Client().post(path, {"text": "x", "rule": "spam"}).status_code == 302
    work()
    assert Message.objects.count() == 1 and not Flag.objects.exists()


def test_a_request_that_is_not_public_has_no_discussion() -> None:
    request, ana = new(), member()
    said = comment(ana, request, "It is deep")
    ServiceRequest.objects.update(public=False)
    browser = signed_in(ana)
    assert "discussion" not in page(at(request), browser) and "It is deep" not in page(at(request), browser)
    assert browser.get(say_at(request)).status_code == 410
    assert send(browser, say_at(request), say_at(request), text="Hello").status_code == 410
    for ending in ("atom", "rss", "json"):
        assert Client().get(f"/discussions/request:{request.number}/feed.{ending}").status_code == 404
    assert signed_in(member("Ben")).get(f"/comments/{said.pk}/report/").status_code == 404


def test_flags_count_once_are_limited_and_three_hold_the_words_until_a_person_looked(
    monkeypatch: pytest.MonkeyPatch, django_user_model: type
) -> None:
    request = new()
    said = comment(member("Eve"), request, "The mayor is useless")
    other = comment(member("Finn"), request, "I agree with her")
    ben, path = member("Ben"), f"/comments/{said.pk}/report/"
    browser = signed_in(ben)
    assert send(browser, path, path, rule="nonsense").status_code == 422
    assert send(browser, path, path, rule="insult").status_code == 302
    assert send(browser, path, path, rule="spam").status_code == 302
    assert Flag.objects.get().rule == "insult" and Comment.objects.get(pk=said.pk).look
    assert "You reported it." in page(at(request), browser) and "useless" in page(at(request))
    monkeypatch.setattr(moderation, "FLAGS_A_DAY", 1)
    with pytest.raises(NotPossible, match="tomorrow"):
        moderation.flag(other.pk, "spam", by=ben)
    for name in ("Cleo", "Dan"):
        moderation.flag(said.pk, "insult", by=member(name))
    assert "useless" not in everything_public(request)
    moderation.show(said.pk, by=django_user_model.objects.create_user("desk"))
    assert "useless" in page(at(request)) and not Flag.objects.filter(settled_at=None).exists()
    for name in ("Gil", "Hana", "Ida", "Jo"):
        moderation.flag(said.pk, "insult", by=member(name))
    assert "useless" in page(at(request)), "what a person let stand is not flagged away"
    with pytest.raises(NotPossible):
        moderation.flag(said.pk, "insult", by=said_by(said))


def said_by(message: Message) -> Member:
    found = message.comment.by
    assert found
    return found


def test_a_liaison_holds_words_until_staff_looked_and_no_longer(django_user_model: type) -> None:
    request, liaison = new(), member("Lia")
    said = comment(member("Eve"), request, "Burn it all down")
    moderation.hold(said, liaison)
    assert "Burn it" not in everything_public(request)
    moderation.show(said.pk, by=django_user_model.objects.create_user("desk"))
    assert "Burn it" in page(at(request))
    with pytest.raises(NotPossible):
        moderation.hold(said, liaison)


def test_photos_wait_for_a_person_and_go_with_the_words(django_user_model: type) -> None:
    request, ana, desk = new(), member(), django_user_model.objects.create_user("desk")
    saying.say(ana, threads.of_request(request.number), "Look", [Enclosed("a.jpg", "image/jpeg", samples.photo(3))],
               form=uuid4())  # fmt: skip
    work()
    said = Message.objects.get()
    fetch_photos(said.pk, again=False)
    photo = Attachment.objects.get(message_id=said.pk, request_id=None)
    path = f"/comments/photos/{photo.pk}/view/"
    assert "wait for a look" in page(at(request)) and Client().get(path).status_code == 404
    moderation.show(said.pk, by=desk)
    assert path in page(at(request)) and Client().get(path)["Cache-Control"] == "public, max-age=300"
    moderation.hide(said.pk, "personal", by=desk, key="1")
    assert path not in page(at(request)) and Client().get(path).status_code == 404


def test_badges_tell_liaisons_of_the_area_in_force_and_who_reported() -> None:
    request, lia, old = new(), member("Lia"), member("Otto")
    assert request.areas
    today = timezone.now().date()
    Liaison.objects.create(member=lia, area=request.areas[0], since=today - timedelta(days=2))
    Liaison.objects.create(member=old, area=request.areas[0], since=today - timedelta(days=9),
                           until=today - timedelta(days=2))  # fmt: skip
    Liaison.objects.create(member=old, area="elsewhere", since=today - timedelta(days=2))
    comment(lia, request, "I was there")
    comment(old, request, "So was I")
    shown = discussion.page(f"request:{request.number}", None, request=request).said
    assert {one.name: one.badges for one in shown} == {"Lia": ["Liaison"], "Otto": []}


def test_a_long_discussion_is_paged_by_key_in_a_fixed_number_of_queries() -> None:
    request = new()
    thread = threads.of_request(request.number)
    ana = member(joined_at=timezone.now() - timedelta(days=9))
    first = comment(ana, request, "It was deep already in May")
    with CaptureQueriesContext(connection) as few:
        discussion.page(thread, ana, request=request)
    _many(first, 45)
    with CaptureQueriesContext(connection) as many:
        newest = discussion.page(thread, ana, request=request)
    assert len(many) <= len(few) + 1 and len(many) <= 11
    seen, key = [one.text for one in newest.said], newest.following
    while key:
        following = discussion.page(thread, None, request=request, key=key)
        seen, key = seen + [one.text for one in following.said], following.following
    assert len(seen) == len(set(seen)) == 46 and seen[-1] == "It was deep already in May"
    assert len(discussion.page(thread, None, key="nonsense~x").said) == discussion.PAGE


def _many(first: Message, count: int) -> None:
    """As many threads, each with an answer."""
    for n in range(count):
        now = timezone.now()
        pair = [Message(conversation=first.conversation, account=first.account, direction="in", text=f"n {n}",
                        network_id=f"x{n}.{m}", posted_at=now, kept_at=now) for m in (0, 1)]  # fmt: skip
        Message.objects.bulk_create(pair)
        top = Comment.objects.create(message=pair[0], thread=first.conversation.thread, by=first.comment.by,
                                     text=f"n {n}", at=timezone.now())  # fmt: skip
        Comment.objects.create(message=pair[1], thread=top.thread, above=top, text="a", at=timezone.now())


def test_a_closed_discussion_says_why_and_takes_no_words(django_user_model: type) -> None:
    request, ana, desk = new(), member(), django_user_model.objects.create_user("desk")
    thread = threads.of_request(request.number)
    with pytest.raises(NotPossible):
        moderation.close(thread, " ", by=desk)
    moderation.close(thread, "It was all said.", by=desk)
    browser = signed_in(ana)
    assert "It was all said." in page(at(request), browser) and "<textarea" not in page(at(request), browser)
    assert send(browser, say_at(request), say_at(request), text="Hello").status_code == 410
    moderation.open_again(thread, by=desk)
    assert "<textarea" in page(at(request), browser)


def test_new_members_write_less_and_nobody_says_the_same_twice() -> None:
    request, ana = new(), member()
    for n in range(3):
        saying.say(ana, threads.of_request(request.number), f"This is number {n}", form=uuid4())
    with pytest.raises(NotPossible, match="wait a little"):
        saying.say(ana, threads.of_request(request.number), "And a fourth", form=uuid4())
    ben = member("Ben")
    comment(ben, request, "Once")
    with pytest.raises(NotPossible, match="already"):
        comment(ben, request, "Once")


def test_the_rules_are_published() -> None:
    assert "No threats" in page("/discussion-rules/")
