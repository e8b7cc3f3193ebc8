"""The page of figures and its data: the same numbers everywhere, few queries, nothing that points at a person."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.geography.models import Area
from openline.insights import counting, reading
from openline.portal.figures import data, words
from openline.service_requests.jurisdiction import today
from tests.console import world
from tests.insights.test_counting import closed, days_ago, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("philadelphia")]


def page(path: str = "/figures/", language: str = "en") -> str:
    answer = Client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def city() -> str:
    """Some weeks of a city; the code of the neighborhood where most was asked."""
    area = Area.objects.filter(kind="neighborhood").order_by("name").first()
    assert area is not None
    for n in range(12):
        done = closed(days_ago(n)) if n < 8 else {}
        made(days_ago(n + 2), areas=[area.code], due_at=days_ago(n - 1 if n % 4 else n + 1), **done)
    made(days_ago(45), service=world.service("SR-RARE", "Rare thing"))
    world.said(world.conversation("Ana", "a hole"), "Thank you.")
    counting.refresh()
    return area.code


def numbers(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_before_anything_is_counted_the_page_says_when_to_come_back() -> None:
    assert "Nothing is counted yet" in page()
    assert "openline-headlines" not in page("/")
    answer = Client().get("/figures/data.csv")
    assert answer.status_code == 503 and answer["Retry-After"] == "900"


def test_the_page_tells_what_was_counted_and_how(city: str) -> None:
    html = page("/figures/?period=90-days")
    assert html.count("openline-bars") >= 4 and "<svg" in html and "How we count" in html
    assert '<a class="usa-link" href="?period=90-days" aria-current="page">Last 90 days</a>' in html
    assert "fewer than 5" in html and "Rare thing" in html and 'role="img"' in html
    assert "There is nothing to compare with" in html and "cannot appeal" in html
    for name in ("CSV", "JSON"):
        assert f'data.{name.lower()}?period=90-days">{name}</a>' in html
    assert "Last 30 days</h2>" in page("/figures/?period=nonsense")
    assert f"{today().year}</h2>" in page(f"/figures/?period={today().year}")


def test_home_shows_three_numbers_and_the_way_to_all(city: str) -> None:
    html = page("/")
    short = html[html.index('<dl class="openline-headlines">') : html.index("All figures")]
    assert short.count("<dt>") == 3
    assert 'href="/figures/"' in short and html.count('href="/figures/"') == 3  # here, in the menu, at the foot


@pytest.mark.parametrize(("language", "words"), [("es", "Cómo contamos"), ("ar", "كيف نحسب")])
def test_it_speaks_the_readers_language(city: str, language: str, words: str) -> None:
    html = page(language=language)
    assert words in html
    for english in ("How we count", "Promises kept", "9 of 10", "fewer than", "Half closed", "Before:"):
        assert english not in html


def test_a_page_costs_the_same_queries_however_many_requests_there_are(city: str) -> None:
    asked = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as found:
            page("/figures/?period=12-months")
        asked.append([one["sql"] for one in found if "service_requests_servicerequest" in one["sql"]])
        assert len(found) <= 12
        for n in range(30):
            made(days_ago(n), service=world.service(f"SR-{n}", f"Thing {n}"))
        counting.refresh()
    assert asked == [[], []]


def test_csv_and_json_hold_the_same_numbers_and_the_schema_names_them_all(city: str) -> None:
    rows = numbers(Client().get("/figures/data.csv?period=30-days").content.decode())
    found = Client().get("/figures/data.json?period=30-days").json()
    assert [{name: str(value) for name, value in row.items()} for row in found["figures"]] == rows
    assert found["version"] == data.VERSION
    schema = Client().get("/figures/schema.json").json()
    assert list(rows[0]) == [one["name"] for one in schema["fields"]]
    known = {one["name"] for one in schema["figures"]}
    assert {row["figure"] for row in rows} <= known and all(one["description"] for one in schema["figures"])
    key = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
    assert len(set(key)) == len(key)


def test_the_data_is_open_to_every_site_and_kept_for_a_while(city: str) -> None:
    for name in ("data.csv", "data.json", "schema.json"):
        assert Client().get(f"/figures/{name}")["Access-Control-Allow-Origin"] == "*"
    first = Client().get("/figures/data.csv")
    assert "max-age=300" in first["Cache-Control"]
    assert Client().get("/figures/data.csv", headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_the_data_has_no_small_number_of_a_place_or_service(city: str) -> None:
    rows = numbers(Client().get("/figures/data.csv?period=90-days").content.decode())
    of = {(row["by"], row["code"], row["figure"], row["period"]): row["value"] for row in rows}
    assert of["service", "SR-RARE", "opened", "90-days"] == "<5"
    assert of["area", city, "opened", "90-days"] == "12" and of["city", "", "opened", "90-days"] == "13"
    assert of["network", "mastodon", "answer_minutes", "90-days"] == "<5"
    for row in rows:
        if row["by"] in reading.GROUPS and row["value"] != "<5" and not row["figure"].endswith(("_days", "_minutes")):
            assert row["figure"] == "satisfaction" or float(row["value"]) >= 5, row


def test_the_numbers_of_the_page_are_those_of_the_data(city: str) -> None:
    rows = numbers(Client().get("/figures/data.csv").content.decode())
    of = {(row["by"], row["code"], row["figure"], row["period"]): row["value"] for row in rows}
    html = page()
    for name in ("opened", "closed"):
        assert f'<span class="tabular">{of["city", "", name, "30-days"]}</span>' in html
    on_time, due = int(of["city", "", "on_time", "30-days"]), 0
    for name in ("on_time", "late", "overdue"):
        due += int(of.get(("city", "", name, "30-days"), "0"))
    assert f'<span class="tabular">{100 * on_time // due}%</span><small>of {due} whose day came' in html


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.2, "1 minute"),
        (59.4, "59 minutes"),
        (90, "2 hours"),
        (60 * 50, "2 days"),
        (None, "–"),
        ("<5", "fewer than 5"),
    ],
)
def test_times_are_said_as_people_say_them(value: Any, said: str) -> None:
    assert words.minutes(value) == said


def test_a_change_is_said_only_where_there_was_something() -> None:
    assert [words.change(a, b) for a, b in ((107, 100), (96, 100), (100, 100), (5, 0), ("<5", 9))] == [
        "+7%", "\N{MINUS SIGN}4%", "about the same", "", "",
    ]  # fmt: skip
    assert words.working_days(0.0) == "the same day" and words.working_days(1.0) == "1 working day"


def test_a_long_counting_rests_before_it_is_done_again(city: str) -> None:
    from openline.insights.models import Counted

    Counted.objects.update(at=timezone.now(), seconds=60)
    made(days_ago(1))
    assert not counting.refresh_if_rested()
    Counted.objects.update(seconds=0)
    assert counting.refresh_if_rested()
