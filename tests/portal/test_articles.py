"""The public pages of articles: found by words, area and language; nothing that is not public; what machines read."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import orjson
import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.files.models import File
from openline.foundation.markdown import questions_of, steps_of
from openline.geography.models import Area
from openline.knowledge import writing
from openline.knowledge.models import Article, ArticleVersion, Fact, Lookup
from openline.portal import structured

pytestmark = pytest.mark.usefixtures("philadelphia")

BODY = """Sort your trash before 7 am.

1. Rinse the cans.
2. Put them into the **blue** bin.

## What about glass?

It goes into the blue bin too.

## Is it free?

Yes, for homes.
"""


def made(publish: bool = True, **more: Any) -> Article:
    given = {"title": "Zebra mussels in the pond", "body": BODY, "keywords": "zebra; mussel", **more}
    article = writing.create(given, by=None)
    return writing.publish(article.pk, by=None, seen=1) if publish else article


def page(path: str, status: int = 200) -> BeautifulSoup:
    response = Client().get(path)
    assert response.status_code == status, response.content[-500:]
    return BeautifulSoup(response.content, "html.parser")


def listed(query: str) -> list[str]:
    return [one.get_text() for one in page(f"/articles/?{query}").select(".usa-collection__heading")]


def test_an_article_shows_its_facts_links_service_and_languages() -> None:
    article = made(who="Homes & flats", cost="Free", service_code="SR-ST03", source="https://city.example/x",
                   links=[{"label": "The <map>", "url": "https://city.example/map"}])  # fmt: skip
    spanish = writing.translate(article.pk, {"title": "Mejillones", "body": "Sí.", "language": "es"}, by=None)
    assert not page(f"/articles/{article.slug}/").select('[hreflang="es"]'), "a draft is no language to offer"
    writing.publish(spanish.pk, by=None, seen=1)
    writing.mark_reviewed(article.pk, by=None, seen=2)
    html = page(f"/articles/{article.slug}/")
    assert [dd.get_text() for dd in html.select(".openline-facts dd")] == ["Homes & flats", "Free"]
    assert html.select_one('a[href="https://city.example/map"]').get_text() == "The <map>"  # type: ignore[union-attr]
    assert {a["href"] for a in html.select('[hreflang="es"]')} >= {"/articles/mejillones/"}
    assert "Report it" in html.get_text() and "Reviewed" in html.get_text()
    assert html.select_one('meta[property="og:title"]')["content"] == article.title  # type: ignore[index]
    assert "Lo que cuesta" not in html.get_text()


def test_what_is_not_public_is_nowhere() -> None:
    draft = made(publish=False)
    late = made(title="Late zebra", slug="late-zebra")
    yesterday = timezone.localdate() - timedelta(days=1)  # here and in the city it may be another day
    Article.objects.filter(pk=late.pk).update(expires_on=yesterday)
    gone = made(title="Gone zebra", slug="gone-zebra")
    writing.withdraw(gone.pk, by=None, seen=2, why="Over")
    for one in (draft, late, gone):
        page(f"/articles/{one.slug}/", 404)
        assert Client().get("/oembed/", {"url": f"http://localhost:8311/articles/{one.slug}/"}).status_code == 404
    assert listed("q=zebra") == [] and not any("zebra" in title.lower() for title in listed("language=all"))
    Article.objects.filter(pk=late.pk).update(expires_on=yesterday + timedelta(days=3))
    assert listed("q=zebra") == ["Late zebra"]


def test_a_former_address_leads_on_to_what_is_public() -> None:
    article = made()
    writing.change(article.pk, {"slug": "mussels"}, by=None, seen=2)
    response = Client().get("/articles/zebra-mussels-in-the-pond/")
    assert response.status_code == 301 and response["Location"] == "/articles/mussels/"
    writing.withdraw(article.pk, by=None, seen=3, why="Over")
    page("/articles/zebra-mussels-in-the-pond/", 404)


@pytest.mark.parametrize(
    "words",
    ["zebra mussels", "mussel", "where are zebra mussels elephant", "zebar musels", "%00zebra", "zebra & | ! (x"],
)
def test_articles_are_found_by_words_and_slips_of_the_pen(words: str) -> None:
    made()
    assert listed(f"q={words.replace('&', '%26')}")[:1] == ["Zebra mussels in the pond"]


def test_articles_are_narrowed_by_service_area_and_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openline.portal.articles.PAGE", 1000)
    area = Area.objects.filter(kind="neighborhood")[0]
    made(service_code="SR-ST03", areas=[area.code])
    spanish = made(title="Mejillones cebra", language="es")
    assert "Zebra mussels in the pond" in listed("service=SR-ST03") and listed("service=nothing") == []
    assert "Zebra mussels in the pond" in listed(f"area={area.code}&q=zebra") and listed("area=elsewhere&q=zebra") == []
    assert spanish.title in listed("language=es") and spanish.title not in listed("")
    assert {spanish.title, "Zebra mussels in the pond"} <= set(listed("language=all"))


def test_pages_follow_each_other_by_key_and_cost_the_same_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openline.portal.articles.PAGE", 7)
    seen: list[str] = []
    path = "/articles/?language=all"
    while path:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            html = page(path)
        assert len(queries) < 12
        seen += [one.get_text() for one in html.select(".usa-collection__heading")]
        more = html.select_one(".usa-button--outline")
        path = f"/articles/{more['href']}" if more else ""
    assert seen == list(Article.objects.order_by("title", "pk").values_list("title", flat=True))


# Types and properties of schema.org 29.0 that an article's page uses, each with those of its parents that it may have.
_THING = {"name", "description", "url", "image", "sameAs", "mainEntityOfPage"}
_WORK = _THING | set(
    "headline inLanguage datePublished dateModified expires author publisher isBasedOn keywords about workTranslation"
    " isPartOf mainEntity text position".split()
)
_KNOWN = {
    "GovernmentOrganization": _THING,
    "WebSite": _WORK,
    "WebPage": _WORK | {"lastReviewed"},
    "FAQPage": _WORK | {"lastReviewed"},
    "Article": _WORK,
    "GovernmentService": _THING | {"serviceOperator", "areaServed", "audience", "offers", "availableChannel"},
    "AdministrativeArea": _THING,
    "Audience": _THING | {"audienceType"},
    "Offer": _THING,
    "ServiceChannel": _THING | {"serviceUrl", "availableLanguage"},
    "HowTo": _WORK | {"step"},
    "HowToStep": _WORK,
    "Question": _WORK | {"acceptedAnswer"},
    "Answer": _WORK,
}


def _check(node: Any, ids: set[str], named: set[str]) -> None:
    """Every type and property is one of schema.org, and every node that is named is there."""
    if isinstance(node, list):
        for one in node:
            _check(one, ids, named)
    elif isinstance(node, dict):
        types = node.get("@type", [])
        types = types if isinstance(types, list) else [types]
        if "@id" in node:
            (ids if types else named).add(node["@id"])
        for name, value in node.items():
            assert name.startswith("@") or any(name in _KNOWN[kind] for kind in types), (types, name)
            _check(value, ids, named)


def test_the_markup_is_schema_org_and_hangs_together() -> None:
    article = made(who="Homes", cost="Free", service_code="SR-ST03", source="https://city.example/x")
    html = page(f"/articles/{article.slug}/")
    found = orjson.loads(html.select_one('script[type="application/ld+json"]').get_text())  # type: ignore[union-attr]
    ids: set[str] = set()
    named: set[str] = set()
    assert found["@context"] == "https://schema.org"
    _check(found["@graph"], ids, named)
    assert named <= ids
    nodes = {str(node["@type"]): node for node in found["@graph"]}
    assert nodes.keys() == {"GovernmentOrganization", "['WebPage', 'FAQPage']", "Article", "GovernmentService", "HowTo"}
    assert [step["text"] for step in nodes["HowTo"]["step"]] == ["Rinse the cans.", "Put them into the blue bin."]
    asked = nodes["['WebPage', 'FAQPage']"]["mainEntity"]
    assert [(q["name"], q["acceptedAnswer"]["text"]) for q in asked] == [
        ("What about glass?", "It goes into the blue bin too."), ("Is it free?", "Yes, for homes."),
    ]  # fmt: skip
    assert nodes["GovernmentService"]["audience"]["audienceType"] == "Homes"


def test_no_text_can_end_the_data_block() -> None:
    article = made(title="</script><script>alert(1)</script> & more")
    response = Client().get(f"/articles/{article.slug}/")
    assert b"<script>alert" not in response.content
    found = BeautifulSoup(response.content, "html.parser").select_one('script[type="application/ld+json"]')
    assert orjson.loads(found.get_text())["@graph"][2]["headline"] == article.title  # type: ignore[union-attr]
    assert "script-src" not in response["Content-Security-Policy"] and "default-src 'self'" in response[
        "Content-Security-Policy"]  # fmt: skip
    assert "\\u003c" in structured.block({"a": "</script>"})


def test_steps_and_questions_are_read_from_the_text() -> None:
    assert steps_of("1. One\n\n   more\n2. Two\n   1. inner\n\ntext\n\n1. Other") == ["One more", "Two inner"]
    assert steps_of("- a\n- b") == [] and questions_of("## What?\n\n## Why?\n\nSo.") == [("Why?", "So.")]


def test_a_fact_of_the_place_is_named_until_the_place_is_chosen() -> None:
    area = Area.objects.filter(kind="neighborhood").order_by("name")[0]
    lookup = Lookup.objects.create(code="zebra-day", name="your zebra day", layer="neighborhood")
    Fact.objects.create(lookup=lookup, area=area.code, value="Tuesday <b>")
    article = made(when="On {{ zebra-day }}", body="They come on {{ zebra-day }}.")
    assert "They come on your zebra day." in page(f"/articles/{article.slug}/").get_text()
    html = page(f"/articles/{article.slug}/?area={area.code}")
    assert "They come on Tuesday <b>." in html.get_text() and html.select_one("dd").get_text() == "On Tuesday <b>"  # type: ignore[union-attr]
    assert html.select_one("option[selected]").get_text() == area.name  # type: ignore[union-attr]


def test_a_picture_is_shown_with_words_and_only_while_its_article_is_public() -> None:
    from openline.files.keeping import keep
    from tests.files.samples import photo

    file = keep(photo()).file
    article = made(media=[{"file": str(file.pk), "alt": "A zebra mussel", "caption": "Small"}])
    html = page(f"/articles/{article.slug}/")
    image = html.select_one("figure img")
    assert image and image["alt"] == "A zebra mussel" and image["width"]
    response = Client().get(str(image["src"]))
    assert response.status_code == 200 and response["Content-Type"] == "image/jpeg"
    assert html.select_one('meta[property="og:image:alt"]')["content"] == "A zebra mussel"  # type: ignore[index]
    writing.withdraw(article.pk, by=None, seen=2, why="Over")
    assert Client().get(str(image["src"])).status_code == 404
    assert ArticleVersion.objects.filter(article=article, number=1).get().content["media"][0]["alt"] == "A zebra mussel"
    assert File.objects.filter(pk=file.pk).exists() and re.search("captions", str(html)) is None


def test_a_film_has_captions_and_is_sent_in_parts(tmp_path: object) -> None:
    """The film itself is made by ffmpeg (tests/publishing/test_media.py); here its bytes stand for it."""
    from django.core.files.base import ContentFile

    from openline.files.keeping import store

    key = store().save("film/zebra.mp4", ContentFile(bytes(range(256)) * 40))
    file = File.objects.create(
        sha256="f" * 64, content_type="video/mp4", size_bytes=1, original="x", created_at=timezone.now()
    )
    spoken = "WEBVTT\n\n00:01.000 --> 00:02.000\nSort."
    article = made(media=[{"file": str(file.pk), "alt": "How to", "captions": spoken}])
    assert not page(f"/articles/{article.slug}/").select("video"), "it is not made yet"
    File.objects.filter(pk=file.pk).update(film=key, width=640, height=360)
    html = page(f"/articles/{article.slug}/")
    video, track = html.select_one("video"), html.select_one("video track[kind=captions]")
    assert video and track and video["aria-label"] == "How to" and track["srclang"] == "en"
    captions = Client().get(str(track["src"]))
    assert captions["Content-Type"].startswith("text/vtt") and captions.content.startswith(b"WEBVTT")
    source = str(html.select_one("video source")["src"])  # type: ignore[index]
    part = Client().get(source, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content, part["Content-Range"]) == (206, bytes(range(10, 20)), "bytes 10-19/10240")
    assert Client().get(source, headers={"Range": "bytes=10200-"}).content == (bytes(range(256)) * 40)[10200:]
    assert Client().get(source, headers={"Range": "bytes=99999-"}).status_code == 416
    whole = Client().get(source)
    assert whole.status_code == 200 and len(whole.content) == 10240 and whole["Accept-Ranges"] == "bytes"
