"""Articles in and out: CSV, Markdown, WordPress, web pages; drafts, once each, with their source."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from openline.cities.articles import csv_files, markdown_files, taking, web_page, wordpress
from openline.cities.articles.columns import known
from openline.cities.articles.found import Found
from openline.cities.articles.marking import markdown_of
from openline.cities.articles.reading import read_address, read_data, read_path
from openline.cities.loading import SAMPLE, load_city
from openline.cities.tables import Refused
from openline.foundation.markdown import html_of
from openline.knowledge import writing
from openline.knowledge.content import content_of
from openline.knowledge.models import Article, ArticleVersion
from openline.records.models import Record

pytestmark = pytest.mark.usefixtures("philadelphia")

PAGE = """<!doctype html><html lang="es-US"><head><title>Mascotas | Ciudad</title>
<link rel="canonical" href="/mascotas/?utm=1#top"><meta charset="utf-8"></head>
<body><header><nav><a href="/">Inicio</a> <a href="/menu">Menú de la ciudad</a></nav></header>
<main><nav aria-label="breadcrumb">Inicio &gt; Mascotas</nav><h1>Licencia para su perro</h1>
<p>Todos los perros de más de cuatro meses necesitan una licencia. Cuesta <strong>$16</strong> al año.</p>
<h2>Qué necesita</h2><ul><li>El <a href="../formulario.pdf">formulario</a></li><li>Prueba de vacuna</li></ul>
<table><tr><th>Perro</th><th>Costo</th></tr><tr><td>Esterilizado</td><td>$16</td></tr></table>
<img src="/perro.jpg" alt="Un perro"><script>track()</script><form><button>Suscribirse</button></form></main>
<footer>Derechos reservados de la ciudad, todos los avisos legales.</footer></body></html>"""


def read(data: str | bytes, name: str = "articles.csv") -> tuple[list[Found], list[Refused]]:
    refused: list[Refused] = []
    found = read_data(data.encode() if isinstance(data, str) else data, name, known(), refused)
    return found, refused


def take(found: list[Found], by: User | None = None) -> dict[str, int]:
    return dict(taking.take(taking.plan(found), by=by, source="a test"))


def everything() -> dict[str, dict[str, object]]:
    articles = Article.objects.select_related("translation_of").order_by("slug")
    return {one.slug: content_of(one) | {"state": "draft", "media": []} for one in articles}


def remove_all() -> None:
    ArticleVersion.objects.all().delete()
    Article.objects.filter(translation_of__isnull=False).delete()
    Article.objects.all().delete()


def test_the_sample_city_is_published_with_owners_versions_and_days_of_review() -> None:
    articles = Article.objects.all()
    assert len(articles) >= 30 and all(one.state == "published" and one.review_on for one in articles)
    assert all(one.versions.filter(number=1).exists() for one in articles)
    before = Record.objects.count()
    load_city(SAMPLE)
    assert set(Article.objects.values_list("version", flat=True)) == {1}, "nothing changed"
    assert not Record.objects.filter(body__what="articles loaded")[before:].exists()


def test_what_was_changed_by_hand_stays_in_the_history() -> None:
    article = Article.objects.get(slug="potholes")
    writing.change(article.pk, {"title": "By hand"}, by=None, seen=1)
    load_city(SAMPLE)
    article.refresh_from_db()
    assert article.version == 3 and article.title != "By hand"
    assert article.versions.get(number=2).content["title"] == "By hand"


@pytest.mark.parametrize("way", ["csv", "zip", "folder"])
def test_what_is_written_is_read_again(way: str, tmp_path: Path) -> None:
    first = Article.objects.get(slug="potholes")
    writing.change(
        first.pk,
        {"links": [{"label": "Map; of holes", "url": "https://city.example/a?b=1|2"}], "who": 'All "drivers"',
         "cost": "yes", "keywords": "hole; # bump: deep", "owner": "streets", "expires_on": "2031-01-01", "safe": True},
        by=None,
        seen=1,
    )  # fmt: skip
    writing.translate(
        first.pk, {"title": "Nids-de-poule : que faire", "body": "Dites-nous où.", "language": "fr"}, by=None
    )
    articles, before = list(Article.objects.select_related("translation_of")), everything()
    refused: list[Refused] = []
    if way == "csv":
        data, text = b"", csv_files.write_csv(articles)
        found = read_data(text.encode(), "a.csv", known(), refused)
    elif way == "zip":
        data = markdown_files.zipped(articles)
        found = read_data(data, "a.zip", known(), refused)
    else:
        for name, text in markdown_files.files_of(articles):
            (tmp_path / name).write_text(text)
        found = read_path(tmp_path, known(), refused)
    assert not refused
    remove_all()
    assert take(found) == {"new": len(before)}
    assert everything() == before
    assert take(found) == {"same": len(before)}


def test_rows_are_refused_with_column_and_reason() -> None:
    found, refused = read(
        "title,body,service,owner,areas,language,expires,safe,links\n"
        "Good,Text,,,,,,,\n"
        "A,Text,NONE,,,,,,\n"
        "B,Text,,Nobody's office,,,,,\n"
        "C,Text,,,Atlantis,,,,\n"
        "D,Text,,,,English,,,\n"
        "E,Text,,,,,next year,,\n"
        "F,Text,,,,,,perhaps,\n"
        'G,Text,,,,,,,"Here | javascript:alert(1)"\n'
        "H,,,,,,,,\n"
    )
    assert [one.values["title"] for one in found] == ["Good"]
    assert [one.column for one in refused] == [
        "service", "owner", "areas", "language", "expires", "safe", "links", "body",
    ]  # fmt: skip
    assert [one.line for one in refused] == list(range(3, 11))


def test_an_owner_may_be_named_as_people_do() -> None:
    found, refused = read("title,body,owner\nA,Text,streets department\n")
    assert not refused and found[0].values["owner"] == "streets"


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04 no zip", b"\xff\xfe\x00", b"<?xml version='1.0'?><rss><a></rss>", b"<?xml version='1.0'?><html/>",
     b"", b"---\ntitle: x\n---\n", b"---\nno end", b"---\ntitle: [[a]]\n---\nText", b"a,b\n1,2",
     b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'b'>]><rss><channel>&a;</channel></rss>"],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_kept_out(data: bytes) -> None:
    found, refused = read(data, "x")
    assert not found and refused and all(one.reason for one in refused)


def test_a_zip_that_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.md", "---\ntitle: x\n---\n" + "a" * 5_000_000)
        archive.writestr("__MACOSX/._a.md", "junk")
        archive.writestr("good.md", "---\ntitle: Good\ntags:\n - one\n - two\nlang: es\n---\nTexto")
    found, refused = read(out.getvalue(), "a.zip")
    assert [one.file for one in refused] == ["big.md"]
    assert found[0].values["keywords"] == "one; two" and found[0].values["language"] == "es"


def test_a_draft_is_updated_and_what_is_published_is_left() -> None:
    ana = User.objects.create_user("ana")
    found, _refused = read("slug,title,body\nnew-one,New one,First.\npotholes,Mine,Text\n")
    planned = taking.plan(found)
    assert [one.what for one in planned] == ["new", "left"] and "Published" in planned[1].why
    assert take(found, ana) == {"new": 1, "left": 1}
    article = Article.objects.get(slug="new-one")
    assert article.state == "draft" and article.versions.get().note == "a test"
    again, _refused = read("slug,title,body\nnew-one,New one,Second.\nnew-one,Twice,Third.\n")
    assert take(again, ana) == {"changed": 1, "left": 1}
    article.refresh_from_db()
    assert article.body == "Second." and article.version == 2
    assert Article.objects.get(slug="potholes").title != "Mine"


def test_the_article_of_a_web_page_without_its_frame() -> None:
    found = web_page.page_of(PAGE.encode(), "text/html; charset=utf-8", "https://city.example/mascotas/")
    assert found is not None
    assert found.values["title"] == "Licencia para su perro" and found.values["language"] == "es"
    assert found.values["source"] == found.origin == "https://city.example/mascotas/?utm=1"
    body = str(found.values["body"])
    assert body.startswith("Todos los perros") and "**$16**" in body and "## Qué necesita" in body
    assert "[formulario](https://city.example/formulario.pdf)" in body and "| Esterilizado | $16 |" in body
    for junk in ("Menú", "Inicio", "Derechos", "track()", "Suscribirse", "Licencia para su perro"):
        assert junk not in body
    assert "<table>" in html_of(body)
    assert found.notes == ["1 picture or film was left out."]


def test_a_page_that_marks_nothing_is_read_by_where_its_text_is() -> None:
    text = "".join(
        f"<p>Sentence {n} says how to get a permit, what it costs, and where to go with it.</p>" for n in range(9)
    )
    html = f"""<html><head><title>Permits - City</title></head><body>
        <div class="menu"><a href="/a">A</a><a href="/b">B</a></div>
        <div class="content"><h1>Get a permit</h1>{text}</div>
        <div class="footer">Call us, follow us, like us</div></body></html>"""
    found = web_page.page_of(html.encode(), "text/html", "https://city.example/p")
    assert found and found.values["title"] == "Get a permit" and "Sentence 8" in str(found.values["body"])
    assert "follow us" not in str(found.values["body"])
    assert web_page.page_of(b"<html><body><p>Short.</p></body></html>", "text/html", "https://city.example/") is None


WXR = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>City</title><language>en-US</language>
<item><title><![CDATA[Snow &amp; ice]]></title><link>https://city.example/snow/</link><guid>https://city.example/?p=7</guid>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>Clear your <a href="/walk/">walk</a>.</p><!-- /wp:paragraph -->
[gallery ids="1,2"]<img src="x.jpg">]]></content:encoded><wp:post_name>snow-ice</wp:post_name>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<category domain="category"><![CDATA[Winter]]></category><category domain="post_tag"><![CDATA[snow]]></category></item>
<item><title>Classic</title><link>https://city.example/classic/</link><guid>https://city.example/?p=8</guid>
<content:encoded><![CDATA[First line
second line

New [sic] paragraph]]></content:encoded><wp:post_name>classic</wp:post_name><wp:status>draft</wp:status>
<wp:post_type>page</wp:post_type></item>
<item><title>Gone</title><wp:status>trash</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>Picture</title><wp:status>inherit</wp:status><wp:post_type>attachment</wp:post_type></item>
<item><title>Secret</title><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<wp:post_password>x</wp:post_password></item>
</channel></rss>"""


def test_an_export_file_of_wordpress() -> None:
    found, refused = read(WXR, "export.xml")
    assert not refused and [one.values["title"] for one in found] == ["Snow & ice", "Classic"]
    snow, classic = found
    assert snow.values["body"] == "Clear your [walk](https://city.example/walk/)."
    assert snow.values["keywords"] == "Winter; snow" and snow.values["language"] == "en"
    assert snow.origin == "https://city.example/?p=7" and snow.values["source"] == "https://city.example/snow/"
    assert snow.notes and classic.values["body"] == "First line\\\nsecond line\n\nNew [sic] paragraph"
    assert take(found) == {"new": 2}
    article = Article.objects.get(imported_from="https://city.example/?p=7")
    writing.change(article.pk, {"slug": "snow-and-ice"}, by=None, seen=1)
    assert take(read(WXR, "export.xml")[0]) == {"same": 2}, "the address that an editor gave it stays"


def test_what_a_form_carries_is_what_was_found() -> None:
    for one in [*read(WXR, "e.xml")[0], *read("title,body,expires,reviewed\nA,B,2031-01-01,2026-01-01\n")[0]]:
        again = Found.from_json(one.as_json())
        assert again.as_json() == one.as_json()
        assert take([again]) == {"new": 1} and take([one]) == {"same": 1}


def test_html_of_strangers_brings_text_alone() -> None:
    text = markdown_of('<p onclick="x()">Hi <b>you</b><script>alert(1)</script><iframe src="//x"></iframe></p>'
                       '<a href="#"> </a>',
                       "https://x.example/")  # fmt: skip
    assert text == "Hi **you**"
    assert wordpress._plain_html("[et_pb_row]Text[/et_pb_row] [see note]") == "<p>Text [see note]</p>"


class Site(SimpleHTTPRequestHandler):
    """Another site: its files, and an address that has moved."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/page.html#part")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Its address; it serves the test's folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_is_fetched_through_its_redirects_and_what_is_none_is_said(site: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE.replace('<link rel="canonical" href="/mascotas/?utm=1#top">', ""))
    (tmp_path / "list.txt").write_text("no page")
    (tmp_path / "short.html").write_text("<p>Short.</p>")
    refused: list[Refused] = []
    found = read_address(f"{site}/moved#x", refused, own=site)
    assert not refused and found[0].values["source"] == f"{site}/page.html#part".split("#")[0]
    assert take(found) == {"new": 1} and take(read_address(f"{site}/moved", refused, own=site)) == {"same": 1}
    for path, wordpress_site in (("/list.txt", False), ("/none", False), ("/short.html", False), ("", True)):
        assert not read_address(site + path, refused, own=site, wordpress=wordpress_site)
    assert not read_address(f"{site}/page.html", refused)
    reasons = [one.reason.split(".")[0] for one in refused]
    assert reasons == [
        "This is no web page", "The server answered 404", "No article was found on this page: copy its text by hand",
        "No WordPress site answers here with its REST API", "The address leads into a private network",
    ]  # fmt: skip
