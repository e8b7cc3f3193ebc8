"""The place that a network, a shared map or a pair of numbers gives: good for a request, if it is in the city."""

from __future__ import annotations

from pathlib import Path

import pytest

from openline.accounts.models import Account
from openline.care.process import process
from openline.inbox.models import Message
from openline.inbox.receiving import store
from openline.service_requests.models import ServiceRequest
from tests.world import city_account, post

POTHOLE = "there is a huge pothole, please fix it"
HERE = (39.95260, -75.16350)


@pytest.fixture
def desk(tmp_path: Path, philadelphia: None) -> Account:
    """The service desk's account."""
    return city_account(tmp_path / "net")


def hear(account: Account, text: str, **more: object) -> ServiceRequest | None:
    """The request that a post opens."""
    store(account.pk, [post("1", text, **more)])
    while process():
        pass
    return ServiceRequest.objects.first()


def test_a_networks_geotag_is_the_place(desk: Account) -> None:
    request = hear(desk, POTHOLE, lat=HERE[0], lon=HERE[1])
    assert request and (request.latitude, request.longitude) == HERE
    assert (request.place_kind, request.place_name) == ("coordinates", "Market St & N Broad St") and request.areas


def test_a_named_place_goes_before_the_geotag(desk: Account) -> None:
    request = hear(desk, f"{POTHOLE} at 5th and Lombard", lat=HERE[0], lon=HERE[1])
    assert request and request.place_name == "S 5th St & Lombard St"


def test_the_geotag_goes_before_a_whole_area(desk: Account) -> None:
    request = hear(desk, f"{POTHOLE} in Center City", lat=HERE[0], lon=HERE[1])
    assert request and (request.latitude, request.longitude) == HERE


@pytest.mark.parametrize("link", ["https://maps.app.goo.gl/AbCdEfGh", "///filled.count.soap"])
def test_what_tells_no_place_is_asked_for(desk: Account, link: str) -> None:
    assert hear(desk, f"{POTHOLE} {link}") is None
    assert Message.objects.get(direction="in").assessment.decision == "ask_place"


@pytest.mark.parametrize("lat, lon", [(40.7128, -74.0060), (0, 0)])
def test_a_geotag_outside_the_city_is_none(desk: Account, lat: float, lon: float) -> None:
    assert hear(desk, POTHOLE, lat=lat, lon=lon) is None


def test_a_shared_map_is_the_place(desk: Account) -> None:
    request = hear(desk, f"{POTHOLE} https://maps.apple.com/?ll={HERE[0]},{HERE[1]}&q=Dropped%20Pin")
    assert request and (request.latitude, request.longitude) == HERE
