"""Searching the public list by words: stems of two languages, public text only, by index, with the other filters."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openline.foundation.ids import uuid7
from openline.service_requests import searching
from openline.service_requests.models import Service, ServiceRequest
from tests.console import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]


def made(public: str, private: str = "", **more: Any) -> str:
    """A request with these public words; its number."""
    facts = {"service": world.service(), "place": world.PLACE | {"name": more.pop("place", "1 Elm St")}} | more
    of = world.NewRequest(facts.pop("service"), private or public, public, "phone", **facts)
    return world.open_request(of).number


def found(**asked: str) -> list[str]:
    html = Client().get("/requests/", asked).content.decode()
    return re.findall(r'href="/requests/(\d\d-\d+)/"', html)


def test_words_are_found_in_their_stems_in_english_and_spanish() -> None:
    light = made("The street lights are flickering")
    hole = made("Hay dos baches enormes en la esquina", place="N 13th St & Market St")
    semaphore = made("El semáforo no funciona")
    assert found(q="street light") == [light] == found(q="flicker LIGHTS")
    assert found(q="bache") == [hole] == found(q="13th market") == found(q="esquinas")
    assert found(q="semaforo") == [semaphore] == found(q="semáforos")
    assert found(q="bache light") == [] and found(q="light or bache") == [hole, light]
    assert found(q='"street lights"') == [light] and found(q="enormes -esquina") == []


def test_a_number_and_the_name_of_a_service_are_found_too() -> None:
    one = made("something odd")
    other = made("words of its own", service=world.service("SR-GRAF", "Graffiti Removal"))
    assert found(q=one) == [one] == found(q=f"  {one} ")
    assert found(q="graffiti") == [other] and found(q="removals") == [other]
    assert set(found(q="defects or graffiti")) == {one, other}


def test_only_public_words_of_public_requests_are_found() -> None:
    secret = Service.objects.create(code="SECRET", name="Secret troubles", public=False, department=world.department())
    number = made("a leaking hydrant", service=secret)
    made("a hole [phone removed]", private="a hole, call Ignatius at 215-555-0100")
    for words in ("hydrant", "secret", "troubles", number, "Ignatius", "215-555-0100"):
        assert found(q=words) == [], words


def test_words_keep_the_other_filters_and_the_way_to_older_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [made("a blue bicycle was left here") for _n in range(28)]
    other = made("a blue bicycle", service=world.service("SR-OTHER", "Other"))
    assert found(q="bicycle", service="SR-OTHER") == [other]
    for many in (searching.MANY, 3):  # rare words, and words that many have
        monkeypatch.setattr(searching, "MANY", many)
        html = Client().get("/requests/", {"q": "bicycles", "service": "SR-ST01"}).content.decode()
        first = re.findall(r'href="/requests/(\d\d-\d+)/"', html)
        older = re.search(r'href="(\?q=bicycles[^"]+after=[^"]+)"', html)
        assert older is not None and first == numbers[::-1][:25]
        html = Client().get("/requests/" + older[1].replace("&amp;", "&")).content.decode()
        assert re.findall(r'href="/requests/(\d\d-\d+)/"', html) == numbers[::-1][25:]


def test_no_result_says_what_to_do() -> None:
    html = Client().get("/requests/", {"q": "<b>unicorn", "status": "open"}).content.decode()
    assert (
        "No request has the words “&lt;b&gt;unicorn”" in html and 'href="?q=%3Cb%3Eunicorn">without the filters' in html
    )
    assert 'href="/contact/"' in html
    assert "without the filters" not in Client().get("/requests/?q=unicorn").content.decode()
    assert "Choose fewer filters" in Client().get("/requests/?status=open&service=none").content.decode()


@pytest.mark.parametrize(
    "words", ["\x00", "the", "'", '"', "!!! & | (", "-", ":*", "a" * 5000, "٣٤", "\u202e", "or or or"]
)
def test_whatever_is_typed_is_no_fault(words: str) -> None:
    made("a hole")
    assert Client().get("/requests/", {"q": words}).status_code == 200


def test_words_are_found_by_their_index_and_with_few_queries() -> None:
    first = ServiceRequest.objects.get(number=made("a hole in the road"))
    copies = [ServiceRequest(**vars_of(first) | {"id": uuid7(), "number": f"20-{n:06}"}) for n in range(3000)]
    ServiceRequest.objects.bulk_create(copies)
    number = made("an upset raccoon")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE service_requests_servicerequest")
    with CaptureQueriesContext(connection) as asked:
        assert found(q="raccoons") == [number]
    search = [one["sql"] for one in asked if "to_tsvector" in one["sql"] and "servicerequest" in one["sql"]]
    assert len(search) == 2 and len(asked) <= 8
    for statement in search:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "request_words" in plan and "Seq Scan on service_requests_servicerequest" not in plan, plan


def vars_of(request: ServiceRequest) -> dict[str, Any]:
    return {field.attname: getattr(request, field.attname) for field in request._meta.concrete_fields}
