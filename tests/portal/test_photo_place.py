"""A photo that says where it was taken is the place of the report: nobody is asked what the photo has said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openline.portal.contact import guard
from openline.service_requests.models import ServiceRequest
from tests.files import samples
from tests.portal.test_contact import began, page, said

pytestmark = [pytest.mark.usefixtures("philadelphia"), pytest.mark.django_db(transaction=True)]
HERE = (39.9526, -75.1635)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "NOT_BEFORE", timedelta(0))


def photo(place: tuple[float, float] | None) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", samples.photo(1, place=place), "image/jpeg")


def test_the_photo_tells_the_place_at_once() -> None:
    talk = began("There is a huge pothole, please fix it", photos=photo(HERE))
    said()
    request = ServiceRequest.objects.get()
    assert request.latitude == pytest.approx(HERE[0], abs=1e-4)
    assert "Where is it?" not in page(talk) and request.number in page(talk)


def test_what_was_typed_goes_before_the_photo() -> None:
    began("There is a huge pothole, please fix it", place="5th and Lombard", photos=photo(HERE))
    said()
    assert ServiceRequest.objects.get().place_name == "S 5th St & Lombard St"


@pytest.mark.parametrize("place", [None, (40.7128, -74.006)])
def test_without_a_place_in_the_city_it_is_asked_for(place: tuple[float, float] | None) -> None:
    talk = began("There is a huge pothole, please fix it", photos=photo(place))
    said()
    assert "Where is it?" in page(talk) and not ServiceRequest.objects.exists()
