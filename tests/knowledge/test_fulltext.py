"""Ranks worked out in memory are those of PostgreSQL's ts_rank."""

from __future__ import annotations

import pytest

from openline.foundation.bulk import query
from openline.knowledge.library import library

pytestmark = pytest.mark.usefixtures("philadelphia")
QUESTIONS = (
    "what day is trash pickup this week with the holiday on Thursday?",
    "How do I get rid of an old mattress and two tires",
    "¿Qué día pasan a recoger la basura?",
    "recycling recycling recycling bin",
)
RANK = """
SELECT p.article_id, max(ts_rank(p.search, q.words))
FROM (SELECT replace(plainto_tsquery(%s::regconfig, %s)::text, '&', '|')::tsquery AS words) q
JOIN knowledge_articlepassage p ON p.search @@ q.words
WHERE p.article_id = ANY(%s) GROUP BY p.article_id
"""


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_ranks_are_those_of_the_database(question: str, language: str) -> None:
    books = library()
    config = {"en": "english", "es": "spanish"}[language]
    wanted = dict(query(RANK, [config, question, list(books.articles)]))
    [found] = books.ranks.of([(question, [language])])
    assert wanted
    assert found == pytest.approx({key: rank / max(wanted.values()) for key, rank in wanted.items()}, rel=1e-5)


def test_a_question_of_no_known_word_finds_nothing() -> None:
    assert library().ranks.of([("xyzzy plugh", ["en", "es"]), ("", ["en"])]) == [{}, {}]


def test_no_question_asks_the_database_nothing() -> None:
    assert library().ranks.of([]) == []
