"""What only some networks have: subjects and threads of mail, reports of arrival, parts, people who want no more."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.accounts.models import Account
from openline.care import actions, correcting, speaking
from openline.care.process import process
from openline.channels.base import Heard as HeardBatch
from openline.channels.base import Receipt
from openline.files import published
from openline.files.keeping import store
from openline.files.models import Attachment
from openline.inbox.ledger import hand_on_late_parts
from openline.inbox.models import Attention, Conversation, Message, Part, Piece
from openline.inbox.receiving import receive
from openline.outbox import sending
from openline.outbox.models import Delivery
from openline.records.models import Record
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from tests.world import city_account, post, posts, settle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("philadelphia")]


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net")


@pytest.fixture
def agent(django_user_model):  # type: ignore[no-untyped-def]
    return django_user_model.objects.create_user("ana")


def hear(account: Account, *items: object) -> None:
    receive(account.pk, HeardBatch(tuple(items), ""))  # type: ignore[arg-type]
    while process():
        pass


def send_all() -> None:
    holder = sending.Holder()
    Delivery.objects.filter(state__in=["waiting", "unclear"]).update(next_try_at=timezone.now())
    while sending.send_next(holder.id):
        pass
    holder.close()


def mail(identifier: str, text: str = "When is trash day?", **more: object):  # type: ignore[no-untyped-def]
    more = {"visibility": "private", "thread": identifier, "subject": "Trash"} | more
    return post(identifier, text, **more)  # type: ignore[arg-type]


def test_mails_of_one_person_about_two_things_are_two_conversations(account: Account) -> None:
    hear(account, mail("m1"), mail("m2", subject="Pothole"))
    assert Conversation.objects.count() == 2
    first = Message.objects.get(network_id="m1")
    assert first.details == {"subject": "Trash"}


def test_an_answer_to_a_mail_is_found_by_any_ancestor(account: Account) -> None:
    hear(account, mail("m1"))
    hear(account, mail("m3", thread="m2", references=["m1", "m2"], to="m2"))
    assert Conversation.objects.count() == 1


def test_a_private_message_never_joins_a_public_thread(account: Account) -> None:
    hear(account, post("p1", "Pothole somewhere"))
    hear(account, mail("m1", thread="m0", references=["p1"]))
    assert set(Conversation.objects.values_list("thread", "visibility")) == {("p1", "public"), ("m0", "private")}


def test_our_answer_carries_subject_and_references(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, mail("m1", references=["m0"]))
    conversation = Conversation.objects.get()
    actions.answer(conversation, "On Monday.", by=agent, client_id="1")  # type: ignore[arg-type]
    send_all()
    [sent] = [one for one in posts(account.server) if one["text"] == "On Monday."]
    assert sent["subject"] == "Trash" and sent["references"] == ["m0", "m1"]


def test_what_a_machine_wrote_is_kept_and_never_answered(account: Account) -> None:
    hear(account, mail("m1", "I am out of the office until Monday.", automatic=True))
    hear(account, mail("m2", "There is a pothole at 1400 S Broad St", automatic=True))
    assert not Delivery.objects.exists()
    assert Message.objects.get(network_id="m2").conversation.attention == Attention.LOOK


def test_the_fate_of_a_message_is_shown_and_a_failure_needs_a_person(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, mail("m1"))
    conversation = Conversation.objects.get()
    actions.answer(conversation, "On Monday.", by=agent, client_id="1")  # type: ignore[arg-type]
    send_all()
    ours = Message.objects.get(direction="out", text="On Monday.")
    report = {"kind": "receipt", "id": ours.network_id}
    hear(account, post("x", "", **report | {"event": "e1", "status": "failed", "reason": "no such box"}))  # type: ignore[arg-type]
    ours.refresh_from_db()
    conversation.refresh_from_db()
    assert ours.details == {"fate": "failed", "fate_reason": "no such box"}
    assert conversation.status == "open" and "no such box" in conversation.why
    hear(account, post("x", "", **report | {"event": "e2", "status": "delivered"}))  # type: ignore[arg-type]
    hear(account, post("x", "", **report | {"event": "e3", "status": "failed"}))  # type: ignore[arg-type]
    ours.refresh_from_db()
    assert ours.details["fate"] == "delivered"


def test_a_reply_to_any_part_of_a_long_answer_stays_in_the_conversation(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, post("p1", "Is there a market on Sunday?"))
    actions.answer(Conversation.objects.get(), "A sentence. " * 90, by=agent, client_id="1")  # type: ignore[arg-type]
    send_all()
    part = Part.objects.order_by("pk").last()
    assert part and Part.objects.count() >= 2
    hear(account, post("p2", "Thanks a lot", to=part.network_id))
    assert Conversation.objects.count() == 1


def test_who_says_stop_is_sent_nothing_more(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, post("s1", "When is trash day?"))
    conversation = Conversation.objects.get()
    actions.answer(conversation, "On Monday.", by=agent, client_id="1")  # type: ignore[arg-type]
    hear(account, post("s2", "STOP", facts={"opt_out": "yes"}, to="s1"))
    send_all()
    assert posts(account.server) == []
    conversation = Conversation.objects.get()
    with pytest.raises(NotPossible, match="no more messages"):
        actions.answer(conversation, "One more thing", by=agent, client_id="2")  # type: ignore[arg-type]
    assert speaking.say(conversation, "news", purpose="update:1", by=None) is None
    hear(account, post("s3", "START", facts={"opt_out": "no"}, to="s1"))
    actions.answer(Conversation.objects.get(), "Welcome back", by=agent, client_id="3")  # type: ignore[arg-type]
    send_all()
    assert [one["text"] for one in posts(account.server)] == ["Welcome back"]


def answered(account: Account, agent) -> Message:  # type: ignore[no-untyped-def]
    hear(account, post("p1", "When is trash day?"))
    actions.answer(Conversation.objects.get(), "On Mondy.", by=agent, client_id="1")  # type: ignore[arg-type]
    send_all()
    return Message.objects.get(direction="out")


def test_a_correction_reaches_the_network_and_the_old_text_stays_on_the_record(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    ours = answered(account, agent)
    correcting.correct(ours, "On Monday.", by=agent, key="k")
    send_all()
    ours.refresh_from_db()
    assert ours.text == "On Monday." and ours.revisions.get().text == "On Mondy."
    assert posts(account.server)[-1]["action"] == "edit" and posts(account.server)[-1]["about"] == ours.network_id
    assert Record.objects.filter(message_id=ours.pk, kind="edited").exists()


def test_taking_back_needs_a_reason_and_is_done_once(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    ours = answered(account, agent)
    with pytest.raises(NotPossible):
        correcting.take_back(ours, " ", by=agent, key="k")
    for _ in range(2):
        correcting.take_back(ours, "wrong person", by=agent, key="k")
    send_all()
    ours.refresh_from_db()
    assert ours.deleted_at and ours.revisions.get().kind == "deleted"
    assert sum(one.get("action") == "delete" for one in posts(account.server)) == 1
    with pytest.raises(NotPossible):
        correcting.correct(ours, "again", by=agent, key="k2")


def test_hiding_a_comment_is_a_persons_decision_with_a_rule(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, post("p1", "Buy cheap watches"))
    theirs = Message.objects.get()
    correcting.hide(theirs, "Rule 3: spam", by=agent, key="k")
    send_all()
    theirs.refresh_from_db()
    assert theirs.details["hidden"] and theirs.text == "Buy cheap watches"
    assert Record.objects.filter(message_id=theirs.pk, kind="written", body__reason="Rule 3: spam").exists()


def test_a_hidden_comment_is_shown_again_after_an_appeal(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, post("p1", "The mayor is wrong about the park."))
    theirs = Message.objects.get()
    with pytest.raises(NotPossible, match="not hidden"):
        correcting.show(theirs, "It was an opinion.", by=agent, key="k")
    correcting.hide(theirs, "Rule 3: spam", by=agent, key="k")
    send_all()
    theirs.refresh_from_db()
    with pytest.raises(NotPossible, match="Say why"):
        correcting.show(theirs, " ", by=agent, key="k")
    for _ in range(2):
        correcting.show(theirs, "Appeal: it was an opinion.", by=agent, key="k")
    send_all()
    theirs.refresh_from_db()
    assert "hidden" not in theirs.details
    assert [one["action"] for one in posts(account.server) if one.get("action")] == ["hide", "show"]
    assert Record.objects.filter(message_id=theirs.pk, body__what="show", body__reason__startswith="Appeal").exists()


def test_an_attachment_inside_the_delivery_is_fetched_from_it(account: Account) -> None:
    from openline.care.fetching import fetch_photos
    from openline.inbox import queries

    item = mail("m1", "Pothole at 1400 S Broad St", media=[{"url": "inside:1", "kind": "image"}])
    hear(account, item)
    message = Message.objects.get(direction="in")
    assert json.loads(queries.delivery_of(message))["id"] == "m1"
    fetch_photos(message.pk, again=False)  # the file network gives the delivery itself: no picture
    assert Attachment.objects.get(message_id=message.pk).problem


def test_what_is_reported_before_the_answer_to_the_send_is_not_lost(account: Account, agent) -> None:  # type: ignore[no-untyped-def]
    hear(account, post("s1", "When is trash day?"))
    early = post("sms-9", "", kind="receipt", event="e1", status="delivered")
    hear(account, early)
    ledger = account.ref().ledger
    assert ledger.heard(["e0", "e1"]) == early.raw and ledger.heard(["e2"]) == b"" and not ledger.ours("sms-9")
    actions.answer(Conversation.objects.get(), "On Monday.", by=agent, client_id="1")  # type: ignore[arg-type]
    delivery = Delivery.objects.get()
    with CaptureQueriesContext(connection) as asked:
        settle(delivery, Receipt("sms-9"))
    asks = [query["sql"] for query in asked]
    assert not any("publishing_" in sql or "portal_" in sql for sql in asks), "an answer concerns neither"
    ours = Message.objects.get(direction="out")
    assert ours.details["fate"] == "delivered" and ledger.ours("sms-9")


def test_parts_wait_for_each_other_and_not_for_ever(account: Account, settings) -> None:  # type: ignore[no-untyped-def]
    ledger = account.ref().ledger
    assert ledger.gather("w", 2, 3, b"b") == () and ledger.gather("w", 1, 3, b"a") == ()
    assert ledger.gather("w", 1, 3, b"a") == ()
    assert ledger.gather("w", 3, 3, b"c") == (b"a", b"b", b"c") == ledger.gather("w", 2, 3, b"b")
    lonely = post("p9", "half a sentence").raw
    assert ledger.gather("x", 1, 2, lonely) == ()
    assert hand_on_late_parts() == 0
    Piece.objects.update(at=timezone.now() - timedelta(hours=2))
    assert hand_on_late_parts() == 1 and hand_on_late_parts() == 0
    hear(account)
    assert Message.objects.get().text == "half a sentence"


def test_the_networks_rules_are_answered_once_even_to_who_said_stop(account: Account) -> None:
    hear(account, post("s1", "STOP", facts={"opt_out": "yes", "at_once": "You get no more messages."}))
    hear(account, post("s1", "STOP", facts={"opt_out": "yes", "at_once": "You get no more messages."}))
    send_all()
    assert [one["text"] for one in posts(account.server)] == ["You get no more messages."]


def test_a_file_that_goes_out_has_an_address_for_two_days(client, settings) -> None:  # type: ignore[no-untyped-def]
    key = store().save("view/xx/test.jpg", ContentFile(b"jpeg"))
    address = published.address(key)
    path = urlsplit(address).path
    answer = client.get(path)
    assert answer.status_code == 200 and answer.content == b"jpeg" and "noindex" in answer["X-Robots-Tag"]
    assert client.get(path[:-3] + "x/").status_code == 404
    with patch("django.core.signing.time.time", return_value=time.time() + 3 * 86400):
        assert client.get(path).status_code == 404
    store().delete(key)


def test_the_subject_of_a_first_mail_is_read_too(account: Account) -> None:
    hear(account, mail("m1", "Please fix it, it is very deep.", subject="Pothole at 1400 S Broad St"))
    request = ServiceRequest.objects.get()
    assert "1400" in request.place_name
    hear(account, mail("m2", "Thanks!", subject="Re: Pothole at 1400 S Broad St", thread="m1", to="m1"))
    assert ServiceRequest.objects.count() == 1
