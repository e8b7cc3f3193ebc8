"""Articles in the console: who may do what, the editor, its history, import and export."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openline.knowledge import writing
from openline.knowledge.models import Article
from tests.console import world
from tests.files.samples import photo

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]
HOME = "/console/knowledge/"
TEXT = {
    "title": "A big zebra",
    "body": "Put **zebras** out.",
    "language": "en",
    "links": "Map | https://city.example/m",
}


@pytest.fixture
def article() -> Article:
    world.service()
    return writing.create({"title": "A big zebra", "body": "Put them out.", "owner": "streets"}, by=None)


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(HOME + path, {"client_id": str(uuid4()), **data})


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def test_agents_read_and_editors_write(login: Login, article: Article) -> None:
    agent = login("agent")
    for path in ("", f"{article.pk}/", f"{article.pk}/history/"):
        html = agent.get(HOME + path)
        assert html.status_code == 200 and "A big zebra" in html.content.decode()
    assert not soup(agent.get(f"{HOME}{article.pk}/")).select("textarea#id_body")
    tries: list[tuple[str, dict[str, Any]]] = [
        ("new/", TEXT), (f"{article.pk}/", TEXT | {"seen": 1}), (f"{article.pk}/act/", {"what": "publish", "seen": 1}),
        (f"{article.pk}/history/", {"number": 1, "seen": 1}), ("import/", {"address": "https://x.example"}),
        (f"{article.pk}/media/", {"alt": "x"}),
    ]  # fmt: skip
    for path, data in tries:
        assert post(agent, path, **data).status_code == 403, path
    for path in ("new/", "import/", "export/articles.csv"):
        assert agent.get(HOME + path).status_code == 403
    assert login("crew").get(HOME).status_code == 403
    assert article.versions.count() == 1


@pytest.mark.parametrize("role", ["communications", "supervisor", "administrator"])
def test_an_editor_writes_publishes_and_translates(login: Login, role: str) -> None:
    client = login(role)
    made = post(client, "new/", **TEXT)
    article = Article.objects.get(title="A big zebra")
    assert made.status_code == 302 and article.state == "draft" and article.links[0]["label"] == "Map"
    saved = post(client, f"{article.pk}/", **TEXT | {"seen": 1, "slug": article.slug, "cost": "Free", "publish": "1"})
    article.refresh_from_db()
    assert saved.status_code == 302 and article.state == "published" and article.version == 3 and article.cost == "Free"
    start = soup(client.get(f"{HOME}new/?of={article.pk}"))
    assert start.select_one("#id_language option[selected]")["value"] == "es"  # type: ignore[index]
    assert post(client, f"new/?of={article.pk}", title="Cebras", body="Fuera.", language="es").status_code == 302
    assert Article.objects.get(title="Cebras").translation_of == article
    done = post(client, f"{article.pk}/act/", what="reviewed", seen=3, review_on="")
    article.refresh_from_db()
    assert done.status_code == 302 and article.reviewed_on and article.review_on


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(login: Login, article: Article) -> None:
    client = login("communications")
    bad = TEXT | {"seen": 1, "slug": "No Slug!", "links": "no bar", "title": "Other", "expires_on": "soon"}
    response = post(client, f"{article.pk}/", **bad)
    html = soup(response)
    assert response.status_code == 422 and html.select("#id_expires_on_error")
    response = post(client, f"{article.pk}/", **bad | {"expires_on": ""})
    html = soup(response)
    assert html.select("#id_slug_error") and html.select("#id_links_error")
    assert html.select_one("#id_title")["value"] == "Other"  # type: ignore[index]
    refused = post(client, f"{article.pk}/act/", what="withdraw", seen=1, why="")
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    article.refresh_from_db()
    assert article.version == 1


def test_two_editors_do_not_overwrite_each_other(login: Login, article: Article) -> None:
    client = login("communications")
    writing.change(article.pk, {"body": "Somebody else's words."}, by=None, seen=1)
    response = post(client, f"{article.pk}/", **TEXT | {"seen": 1, "slug": article.slug, "body": "Mine."})
    html = soup(response)
    meanwhile = html.select_one("section[aria-labelledby=meanwhile]")
    assert response.status_code == 422 and meanwhile and "Somebody else" in meanwhile.get_text()
    typed = html.select_one("#id_body")
    assert typed and typed.get_text().strip() == "Mine."
    assert html.select_one("input[name=seen]")["value"] == "2"  # type: ignore[index]
    again = TEXT | {"seen": 2, "slug": article.slug, "body": "Mine."}
    assert post(client, f"{article.pk}/", **again).status_code == 302


def test_a_form_sent_twice_is_done_once(login: Login, article: Article) -> None:
    client, same = login("communications"), str(uuid4())
    for _try in range(2):
        sent = client.post(f"{HOME}new/", TEXT | {"client_id": same})
        assert sent.status_code == 302
    assert Article.objects.filter(title="A big zebra").count() == 2, "the first one and one new one"


def test_the_preview_is_what_the_public_page_shows_and_keeps_nothing(login: Login, article: Article) -> None:
    client = login("communications")
    part = client.post(f"{HOME}preview/", {"body": "**b** <script>x</script>"}).content.decode()
    assert "<strong>b</strong>" in part and "<script" not in part
    whole = soup(post(client, f"{article.pk}/", **TEXT | {"seen": 1, "preview": "1"}))
    assert whole.select_one("#preview strong").get_text() == "zebras"  # type: ignore[union-attr]
    article.refresh_from_db()
    assert article.version == 1


def test_the_history_shows_words_and_brings_back(login: Login, article: Article) -> None:
    client = login("communications")
    writing.change(article.pk, {"body": "Put it out."}, by=None, seen=1)
    html = soup(client.get(f"{HOME}{article.pk}/history/"))
    assert [one.get_text() for one in html.select(".differences del")] == ["removed: them"]
    assert [one.get_text() for one in html.select(".differences ins")] == ["added: it"]
    assert post(client, f"{article.pk}/history/", number=1, seen=2).status_code == 302
    article.refresh_from_db()
    assert article.body == "Put them out." and article.version == 3
    assert post(client, f"{article.pk}/history/", number=77, seen=3).status_code == 422


def test_the_list_is_narrowed_and_costs_the_same_queries(login: Login, article: Article, philadelphia: None) -> None:
    client = login("communications")
    titles = lambda query: [a.get_text() for a in soup(client.get(f"{HOME}?{query}")).select("tbody th a")]  # noqa: E731
    assert titles("q=zebra") == titles("state=draft") == ["A big zebra"]
    assert "A big zebra" in titles("owner=streets") and titles("owner=streets&state=withdrawn") == []
    assert "A big zebra" in titles("without=es") and "A big zebra" not in titles("language=es")
    Article.objects.filter(pk=article.pk).update(state="published", review_on="2020-01-01")
    assert titles("due=review")[0:] == ["A big zebra"] or "A big zebra" in titles("due=review")
    Article.objects.filter(pk=article.pk).update(expires_on="2020-01-01")
    assert titles("due=expired") == ["A big zebra"] and titles("q=%00&due=nonsense")
    with CaptureQueriesContext(connection) as few:
        client.get(f"{HOME}?q=zebra")
    with CaptureQueriesContext(connection) as many:
        client.get(HOME)
    assert len(many) <= len(few) + 1


def test_pictures_are_added_described_ordered_and_taken_away(login: Login, article: Article) -> None:
    client = login("communications")
    picture = lambda seed: SimpleUploadedFile("a.jpg", photo(seed))  # noqa: E731
    refused = post(client, f"{article.pk}/media/", seen=1, file=picture(1), alt=" ")
    assert refused.status_code == 422 and not article.media.exists()
    for number in (1, 2):
        added = post(client, f"{article.pk}/media/", seen=number, file=picture(number), alt=f"Bin {number}")
        assert added.status_code == 302
    first, second = article.media.order_by("position")
    assert client.get(f"{HOME}{article.pk}/media/{first.pk}/thumbnail/")["Cache-Control"] == "private, no-store"
    assert post(client, f"{article.pk}/media/{second.pk}/", seen=3, up="1").status_code == 302
    second, first = article.media.order_by("position")
    assert second.alt == "Bin 2"
    assert post(client, f"{article.pk}/media/{first.pk}/", seen=4, alt="A bin", caption="Blue").status_code == 302
    last = article.media.order_by("position").last()
    assert last and (last.alt, last.caption) == ("A bin", "Blue")
    assert post(client, f"{article.pk}/media/{last.pk}/", seen=5, remove="1").status_code == 302
    assert [one.alt for one in article.media.all()] == ["Bin 2"]
    wrong = post(client, f"{article.pk}/media/", seen=6, file=SimpleUploadedFile("a.txt", b"text"), alt="x")
    assert wrong.status_code == 422 and "Only pictures" in wrong.content.decode()


def test_an_import_is_looked_at_first(login: Login, article: Article) -> None:
    client = login("communications")
    rows = "title,body,service\nNew one,Text **bold**,\nBad,,\nOther,Text,NONE\nSecond,Text,\n"
    look = post(client, "import/", file=SimpleUploadedFile("a.csv", rows.encode()))
    html = soup(look)
    assert look.status_code == 200 and not Article.objects.filter(title="New one").exists()
    assert len(html.select("input[name=take]")) == 2 and "“body” is empty" in html.get_text()
    carried = html.select_one("textarea[name=found]").get_text()  # type: ignore[union-attr]
    nothing = post(client, "import/", found=carried, source="a.csv")
    assert nothing.status_code == 422 and "Tick at least one" in nothing.content.decode()
    assert post(client, "import/", found=carried, source="a.csv", take=["0"]).status_code == 302
    made = Article.objects.get(title="New one")
    assert made.state == "draft" and not Article.objects.filter(title="Second").exists()
    assert made.versions.get().note == "Imported from a.csv"
    odd = carried.replace('"values":{', '"values":{"areas":5,"links":["x"],')
    for junk in ("", "[1]", odd, '[{"values": 1}]', "{"):
        assert post(client, "import/", found=junk, source="x", take=["0"]).status_code in (302, 422)
    assert post(client, "import/").status_code == 422
    assert "private network" in post(client, "import/", address="http://127.0.0.1:1/x").content.decode()


def test_all_articles_are_handed_out(login: Login, article: Article) -> None:
    client = login("communications")
    assert "A big zebra" in client.get(f"{HOME}export/articles.csv").content.decode()
    assert io.BytesIO(client.get(f"{HOME}export/articles.zip").content).read(2) == b"PK"
    assert client.get(f"{HOME}export/other").status_code == 404
