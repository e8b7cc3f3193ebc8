"""A resident is asked whether the new report is a request that is open already; yes joins, no and silence do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openline.accounts.models import Account
from openline.care import understanding
from openline.care.answers import yes_or_no
from openline.care.decide import Act, Known
from openline.care.models import Offer
from openline.service_requests.models import SameOrNot, Service, ServiceRequest
from tests.care.test_decide import KNOWN, act
from tests.care.test_main_job import answers, hear
from tests.world import city_account, post

pytestmark = pytest.mark.usefixtures("philadelphia")


@pytest.fixture
def asked(tmp_path: Path, philadelphia: None) -> Account:
    """Maria reported a hole; Sam reports the same and was asked."""
    desk = city_account(tmp_path / "net")
    hear(desk, post("1", "huge pothole at 13th & Market, bent my rim"))
    hear(desk, post("2", "pothole at 13th and Market bent my rim too", by="sam"))
    return desk


def requests() -> list[ServiceRequest]:
    return list(ServiceRequest.objects.order_by("number"))


def test_the_new_request_is_open_and_its_reporter_is_asked(asked: Account) -> None:
    first, second = requests()
    assert second.status == "received" and Offer.objects.get().other == first
    assert first.number in answers("2")[0] and f"/requests/{first.number}/" in answers("2")[0]
    assert second.number in answers("2")[0] and len(answers("1")) == 1


def test_yes_joins_and_tells_once(asked: Account) -> None:
    hear(asked, post("3", "@philly311 yes!", by="sam", to="2"))
    first, second = requests()
    assert second.duplicate_of == first and second.outcome == "duplicate"
    assert len(answers("2")) == 2 and "joined" in answers("2")[1]
    assert SameOrNot.objects.get().same
    hear(asked, post("4", "yes", by="sam", to="3"))
    assert SameOrNot.objects.count() == 1


@pytest.mark.parametrize("said", ["no", "no, mine is around the corner by the bank"])
def test_anything_else_leaves_it_open(asked: Account, said: str) -> None:
    hear(asked, post("3", said, by="sam", to="2"))
    assert requests()[1].status == "received" and not SameOrNot.objects.filter(same=True)


def test_of_two_in_one_batch_none_is_offered(tmp_path: Path) -> None:
    text = "huge pothole at 13th & Market, bent my rim"
    hear(city_account(tmp_path / "net"), post("1", text), post("2", text, by="sam"))
    assert len(requests()) == 2 and not Offer.objects.exists()


def test_who_writes_in_private_is_asked_too_and_joins_with_a_yes(tmp_path: Path) -> None:
    desk = city_account(tmp_path / "net")
    text = "huge pothole at 13th & Market, bent my rim"
    hear(desk, post("1", text))
    hear(desk, post("2", text, by="lu", visibility="private"))
    first, second = requests()
    assert Offer.objects.get().other == first
    hear(desk, post("3", "yes", by="lu", visibility="private", to="2"))
    second.refresh_from_db()
    assert second.duplicate_of == first


def test_of_a_kind_that_is_not_public_nobody_is_asked_in_private(tmp_path: Path, monkeypatch: Any) -> None:
    desk = city_account(tmp_path / "net")
    text = "huge pothole at 13th & Market, bent my rim"
    hear(desk, post("1", text))
    Service.objects.filter(pk=requests()[0].service_id).update(public=False)
    monkeypatch.setattr(understanding, "_current", None)
    hear(desk, post("2", text, by="lu", visibility="private"))
    assert len(requests()) == 2 and not Offer.objects.exists()


@pytest.mark.parametrize(
    ("known", "text", "expected"),
    [
        ({"request_number": "2", "offered": "1"}, "Yes", Act.JOIN),
        ({"request_number": "2", "offered": "1"}, "@philly311 sí", Act.JOIN),
        ({"request_number": "2", "offered": "1"}, "no", Act.KEEP_APART),
        ({"request_number": "2", "offered": "1", "ours": True}, "yes", Act.KEEP),
        ({"request_number": "2"}, "yes", Act.KEEP),
    ],
)
def test_the_rule(known: dict[str, object], text: str, expected: Act) -> None:

    facts: Known = KNOWN._replace(**known)  # type: ignore[arg-type]
    assert act(facts, text, intent="chatter") == expected


def test_yes_and_no_in_many_languages() -> None:
    assert all(yes_or_no(t) for t in ("Yes", "yep, thanks", "that's it", "sí", "Да", "vâng", "نعم", "是的", "oui"))
    assert all(yes_or_no(t) is False for t in ("no", "Nope.", "нет", "non", "không", "لا", "不是", "não"))
    assert all(yes_or_no(t) is None for t in ("", "yes but the other side", "no idea", "where is it", "nothing"))
