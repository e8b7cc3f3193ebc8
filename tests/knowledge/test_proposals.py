"""Proposed answers: the right article for a question, none for what no article knows, texts that can be sent."""

from __future__ import annotations

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from pytest_django import DjangoAssertNumQueries

from openline.knowledge.models import Article
from openline.knowledge.proposals import ANSWER_LIMIT, answer_of, fit, propose

pytestmark = pytest.mark.django_db


def article(slug: str, title: str, body: str, keywords: str = "", **more: str) -> Article:
    """An article in the catalogue of a town that exists nowhere."""
    return Article.objects.create(slug=slug, title=title, body=body, keywords=keywords, **more)


@pytest.fixture(autouse=True)
def _town() -> None:
    Article.objects.update(state="withdrawn", slug=Concat(Value("before-"), "slug"))
    article("pool", "Swimming pools", "The pools open at noon. Children swim free.", "pool; swim; swimming lessons")
    article("compost", "Compost your leaves", "Bring leaves to the yard in paper bags.", "leaf; leaves; yard waste")
    article(
        "bees",
        "Keep bees in the city",
        "You need a permit from the health office.",
        "beekeeping; hive; honey",
        service_code="BEES",
    )
    article(
        "abejas",
        "Criar abejas en la ciudad",
        "Necesita un permiso de la oficina de salud.",
        "abejas; colmena",
        language="es",
    )


def best(question: str, language: str = "en", **more: list[str]) -> str:
    """The slug of the first proposal, "" if there is none."""
    found = propose(question, language, **more)
    return found[0].article.slug if found else ""


@pytest.mark.parametrize(
    ("question", "language", "slug"),
    [
        ("When do the pools open?", "en", "pool"),
        ("can my kid get SWIMMING lessons", "en", "pool"),
        ("what do I do with all these leaves???", "en", "compost"),
        ("am i allowed to put a hive on my roof", "en", "bees"),
        ("¿Puedo poner una colmena en mi techo?", "es", "abejas"),
    ],
)
def test_the_right_article_comes_first(question: str, language: str, slug: str) -> None:
    assert best(question, language) == slug


@pytest.mark.parametrize(
    "question",
    [
        "",
        "what's up?",
        "how do I do this",
        "best sandwich on the block?",
        "\0",
        "؟؟؟",
        "🐝" * 50,
        "<script>alert(1)</script>",
        "x" * 100_000,
    ],
)
def test_what_no_article_knows_gets_no_proposal(question: str) -> None:
    assert propose(question) == []


def test_the_language_of_the_question_is_preferred() -> None:
    article("pileta", "Swimming pools: piletas", "Abren al mediodía.", "pool; swim; pileta", language="es")
    assert best("pool swim", "es") == "pileta" and best("pool swim", "en") == "pool"


def test_the_service_is_a_hint_and_no_more() -> None:
    assert best("permit from the office", services=["BEES"]) == "bees"
    assert best("When do the pools open?", services=["BEES"]) == "pool"


def test_a_changed_article_is_found_at_once() -> None:
    assert best("where is the velodrome") == ""
    Article.objects.filter(slug="pool").update(title="The velodrome")
    assert best("where is the velodrome") == "pool"
    Article.objects.filter(slug="pool").delete()
    assert best("where is the velodrome") == ""


def test_asking_again_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    best("pools")
    with django_assert_num_queries(2):
        best("leaves")


def test_the_answer_is_the_first_paragraph_without_markup() -> None:
    body = "# Pools\n\nThe **pools** open at [noon](https://city.example/p).\nBring `id`.\n\nMore text."
    made = article("p", "Pools", body, source="https://city.example/pools")
    assert answer_of(made) == ("The pools open at noon (https://city.example/p). Bring id. https://city.example/pools")


def test_a_long_answer_is_cut_at_a_sentence() -> None:
    assert fit("One. Two is longer. Three.", 12) == "One."
    assert fit("word " * 100, 20) == "word word word…"
    long = article("long", "Long", "A sentence that says a bit. " * 100)
    assert len(answer_of(long)) <= ANSWER_LIMIT and answer_of(long).endswith(".")


def test_proposals_of_the_sample_city(philadelphia: None) -> None:
    from openline.cities.loading import SAMPLE, load_city

    load_city(SAMPLE)
    questions = {
        "When is trash pickup this week with the holiday?": "trash-and-recycling-day",
        "How do I get rid of an old mattress?": "bulk-items",
        "where can i drop off paint and batteries": "electronics-and-hazardous-waste",
        "can I close my street for a birthday party": "block-party",
        "¿Qué día recogen la basura en mi calle?": "dia-de-basura",
        "how do i pay my water bill online": "water-bill",
        "do I need a permit to build a deck": "permits",
    }
    found = {question: best(question, "es" if question.startswith("¿") else "en") for question in questions}
    assert found == questions
