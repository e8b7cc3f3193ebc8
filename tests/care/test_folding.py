"""Replies under one post that say the same follow one request; whoever names another place has their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openline.accounts.models import Account
from openline.care import actions, texts
from openline.care.answers import same_here
from openline.care.models import Report
from openline.care.process import process
from openline.inbox.models import Conversation, Message
from openline.inbox.receiving import store
from openline.outbox.models import Delivery
from openline.service_requests import actions as request_actions
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.triage.language import detect
from tests.care.test_main_job import answers, conversation, hear
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")

OUTAGE = "The street light at 13th and Market is out, it is pitch dark"


@pytest.fixture
def desk(tmp_path: Path) -> Account:
    return city_account(tmp_path / "net")


@pytest.fixture
def reported(desk: Account) -> Account:
    """Maria reported the outage under the city's post 900."""
    hear(desk, post("1", OUTAGE, to="900"))
    return desk


@pytest.mark.parametrize(
    "said",
    [
        "same here", "Us too!!", "@philly311 me too", "same on my block", "still out here too", "dark here as well",
        "+1", "aquí también", "a nosotros también", "moi aussi", "у нас тоже", "这里也是", "tôi cũng vậy", "هنا أيضا",
        "여기도 그래요", "isit la tou", "aqui também",
    ],
)  # fmt: skip
def test_here_too_is_understood(said: str) -> None:
    assert same_here(said)


@pytest.mark.parametrize("said", ["thanks", "it is here", "me", "too late", "the same", "who is out here?", ""])
def test_other_words_say_nothing_of_the_kind(said: str) -> None:
    assert not same_here(said)


@pytest.mark.parametrize("said", ["same here", "aquí también", "street light out here, pitch dark, please fix it"])
def test_who_says_the_same_under_the_same_post_follows(reported: Account, said: str) -> None:
    hear(reported, post("2", said, by="sam", to="900"))
    request = ServiceRequest.objects.get()
    assert Report.objects.filter(request=request, folded=True, conversation=conversation("2")).exists()
    assert request.number in answers("2")[0] and len(answers("2")) == 1
    assert conversation("2").status == "done" and request.number in conversation("2").why


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("thanks for looking into it", {"to": "900"}),
        ("same here", {"to": "901"}),
        ("same here", {}),
        ("same here", {"to": "900", "visibility": "private"}),
        ("when will the street light be fixed?", {"to": "900"}),
    ],
)
def test_others_do_not(reported: Account, said: str, more: dict[str, str]) -> None:
    hear(reported, post("2", said, by="sam", **more))
    assert not Report.objects.filter(folded=True).exists()


def test_another_place_is_another_request_and_asked_about_if_near(reported: Account) -> None:
    hear(reported, post("2", "street light out at 5th and Lehigh too, pitch dark", by="sam", to="900"))
    hear(reported, post("3", "street light out at 12th and Market, pitch dark", by="lu", to="900"))
    first, far, near = ServiceRequest.objects.order_by("number")
    assert not Report.objects.filter(folded=True).exists()
    assert "same as" not in answers("2")[0] and far.number in answers("2")[0]
    assert f"same as {first.number}" in answers("3")[0] and near.number in answers("3")[0]


def test_danger_is_never_folded_away(reported: Account) -> None:
    hear(reported, post("2", "same here and now wires are down and sparking on the sidewalk", by="sam", to="900"))
    assert conversation("2").attention == 4 and not Report.objects.filter(folded=True).exists()


def test_everybody_is_told_once_in_their_language_how_it_ends(reported: Account) -> None:
    hear(reported, post("2", "same here", by="sam", to="900"), post("3", "aquí también por favor", by="lu", to="900"))
    staff = User.objects.create_user("ann")
    request_actions.move(
        ServiceRequest.objects.get().pk, "closed", by=staff, outcome="done", public_text="Lamp renewed."
    )
    assert [len(answers(n)) for n in "123"] == [2, 2, 2]
    assert "cerrada" in answers("3")[1] and "closed" in answers("2")[1]


def test_hundreds_at_once_are_one_request_in_a_fixed_number_of_queries(desk: Account) -> None:
    def queries(first: int, count: int) -> int:
        replies = [
            post(f"{first}-{i}", OUTAGE if i == 0 else "same here", by=f"r{first}{i}", to=f"9{first}")
            for i in range(count)
        ]
        store(desk.pk, replies)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            while process():
                pass
        return len(seen)

    few, many = queries(1, 20), queries(2, 200)
    assert ServiceRequest.objects.count() == 2
    assert Report.objects.filter(folded=True).count() == 19 + 199
    assert many <= few + 5


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_opens_and_the_other_follows(desk: Account) -> None:
    store(desk.pk, [post(str(n), OUTAGE, by=f"r{n}", to="900") for n in range(8)])

    def work(_: int) -> None:
        try:
            while process(limit=1):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, range(2)))
    assert ServiceRequest.objects.count() == 1 and Report.objects.count() == 8
    assert Delivery.objects.count() == 8


def test_staff_take_one_out_and_fold_another_by_hand(reported: Account) -> None:
    staff = User.objects.create_user("ann")
    hear(reported, post("2", "same here", by="sam", to="900"), post("3", "it is bad", by="lu"))
    request = ServiceRequest.objects.get()
    actions.take_out(Report.objects.get(folded=True), by=staff)
    assert conversation("2").status == "open" and request.number in conversation("2").why
    actions.fold(Message.objects.get(network_id="3"), request, by=staff)
    assert request.number in answers("3")[0] and Conversation.objects.filter(reports__request=request).count() == 2
    with pytest.raises(NotPossible):
        actions.fold(Message.objects.get(network_id="3"), request, by=staff)
    with pytest.raises(NotPossible):
        actions.take_out(Report.objects.get(conversation=conversation("1")), by=staff)


@pytest.mark.parametrize("language", ["en", "es", "zh", "vi", "ru", "fr", "ar", "pt", "ht", "ko"])
def test_it_is_told_in_the_residents_language(language: str) -> None:
    with texts.speaking(language):
        told = texts.folded("26-000001")
    assert "26-000001" in told and "/requests/26-000001/" in told and len(told) < 300
    assert detect(told) == language
