"""Services out of their season: not in the list, refused with the day from which they are offered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from openline.service_requests import seasons
from openline.service_requests.models import Service
from tests.open311.conftest import Sender

pytestmark = pytest.mark.usefixtures("philadelphia")
CODE = "SR-ST18"


def season(first: int, last: int) -> None:
    """Offered from so many days from now to so many."""
    today = seasons.today()
    start, end = (f"{today + timedelta(days=days):%m-%d}" for days in (first, last))
    Service.objects.filter(code=CODE).update(season_start=start, season_end=end)


@pytest.mark.parametrize(("first", "last", "there"), [(-2, 2, True), (10, 20, False), (-20, -10, False)])
def test_the_list_names_what_is_in_season(client: Client, first: int, last: int, there: bool) -> None:
    season(first, last)
    codes = [service["service_code"] for service in client.get("/open311/v2/services.json").json()]
    assert (CODE in codes) is there and "SR-ST01" in codes


def test_a_report_out_of_season_is_refused_with_the_season(sender: Sender) -> None:
    season(10, 20)
    said = sender.refused(service_code=CODE)
    assert "is offered from " in said and f"{seasons.today() + timedelta(days=10):%B}" in said
