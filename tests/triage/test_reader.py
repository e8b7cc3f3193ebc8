"""The reader as a whole: intents, services, places, follow-ups, hostile input."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from openline.triage.assessment import Assessment, Post
from openline.triage.catalogue import ServiceInfo
from openline.triage.reader import Reader
from openline.triage.service_model import ServiceModel


def assess(reader: Reader, text: str, **more: object) -> Assessment:
    return reader.assess([Post("1", text, **more)])[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("There's a huge pothole in front of the bakery, please fix it", "request"),
        ("fix your damn potholes, the road is a fucking disaster", "request"),
        ("the street light has been out for two weeks", "request"),
        ("What day is trash day?", "question"),
        ("how do I get a block party permit", "question"),
        ("¿a qué hora abre la biblioteca?", "question"),
        ("thank you for fixing the light so fast!", "feedback"),
        ("great job cleaning up the park", "feedback"),
        ("Go birds!", "chatter"),
        ("RT @news: the mayor opened a library", "chatter"),
        ("😀😀", "chatter"),
        ("", "chatter"),
        ("you are all fucking idiots", "abuse"),
        ("FREE iphone giveaway, click here http://x.co/a", "spam"),
    ],
)
def test_intents(reader: Reader, text: str, intent: str) -> None:
    assert assess(reader, text).intent == intent


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("giant pothole swallowed my tire", "ST1"),
        ("street light is out", "SL1"),
        ("somebody spray painted the wall", "GR1"),
        ("our trash wasn't picked up", "TR1"),
    ],
)
def test_services_with_three_candidates_best_first(reader: Reader, text: str, code: str) -> None:
    services = assess(reader, text).services
    assert services[0].code == code
    assert len(services) == 3
    assert [s.confidence for s in services] == sorted((s.confidence for s in services), reverse=True)


def test_who_asks_for_a_deed_does_not_mean_a_service_that_answers_questions(reader: Reader) -> None:
    assert "IR1" not in [service.code for service in assess(reader, "please come and fix the pothole").services]
    assert assess(reader, "when is trash day?").services[0].code in ("IR1", "TR1")


def test_follow_ups_are_noticed(reader: Reader) -> None:
    assert assess(reader, "You closed my ticket but the light is still not fixed").not_fixed
    assert assess(reader, "reported it twice and nobody came").not_fixed
    assert assess(reader, "Any update on my request?").status_question
    assert assess(reader, "when will you fix it?").status_question
    assert not assess(reader, "there is a pothole on Main St").not_fixed
    assert not assess(reader, "when is trash day?").status_question


def test_the_json_has_exactly_the_agreed_fields(reader: Reader) -> None:
    found = orjson.loads(orjson.dumps(assess(reader, "Light is out, call 215-555-0134").to_json()))
    assert set(found) == {
        "id", "intent", "urgency", "services", "place", "language", "personal_data", "reasons",
    }  # fmt: skip
    assert set(found["services"][0]) == {"code", "name", "confidence"}
    assert found["personal_data"] == [{"kind": "phone", "span": [19, 31]}]
    assert all(isinstance(reason, str) for reason in found["reasons"])


def test_one_by_one_or_together_makes_no_difference(reader: Reader) -> None:
    texts = ["pothole", "", "gas leak!", "路灯坏了", "thanks"]
    posts = [Post(str(number), text) for number, text in enumerate(texts)]
    assert reader.assess(posts) == [reader.assess([post])[0] for post in posts]
    assert reader.assess([]) == []


@pytest.mark.parametrize(
    "text",
    ["\x00\ud800\u202e", "a" * 10_000_000, "😀" * 5_000, "?" * 5_000, "(" * 5_000, "مرحبا " * 2_000, "<script>",
     "\n" * 500, "the " * 9_000, "help " * 5_000, "gas " * 5_000, "no fire " * 2_000],
)  # fmt: skip
def test_hostile_posts_are_read_sanely(reader: Reader, text: str) -> None:
    found = assess(reader, text, lang="\ud800", lat=float("nan"), lon=1e300)
    assert found.intent in ("request", "question", "feedback", "chatter", "abuse", "spam")
    orjson.dumps(found.to_json())


def test_a_model_follows_the_catalogue_of_today(catalogue: tuple[ServiceInfo, ...]) -> None:
    model = ServiceModel.from_bytes(ServiceModel.from_catalogue(catalogue).to_bytes())
    today = [ServiceInfo("ST1", "Potholes and roads"), *catalogue[2:]]
    found = Reader(today, service_model=model).assess([Post("1", "pothole in the street")])[0]
    assert (found.services[0].code, found.services[0].name) == ("ST1", "Potholes and roads")
    assert "SL1" not in [service.code for service in found.services]


def test_an_empty_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one service"):
        Reader([])


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match="not a service model"):
        ServiceModel.from_bytes(b"PK nonsense")


def test_a_reader_keeps_the_weights_once_and_judges_as_the_whole_model(catalogue: tuple[ServiceInfo, ...]) -> None:
    model = ServiceModel.from_catalogue(catalogue)
    model = replace(model, twin=model.linear)
    reader = Reader(catalogue, service_model=model)
    kept = reader._services
    assert kept.twin is None and kept.linear.weights.size == len(kept.linear.vocabulary) == 0
    text = "there is a pothole in the street"
    found, whole = reader.assess([Post("1", text)])[0].services, model.for_catalogue(catalogue).rank([text])[0]
    assert found[0].code == whole[0].code == "ST1"
    assert found[0].confidence >= whole[0].confidence - 1e-3  # what only answers questions leaves it its share
