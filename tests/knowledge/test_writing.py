"""What is done with articles: versions, records, events; and nobody's work is overwritten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from openline.files.models import File
from openline.knowledge import queries, writing
from openline.knowledge.differences import differences
from openline.knowledge.errors import Invalid, NotDone, Outdated
from openline.knowledge.events import ArticleChanged, changed
from openline.knowledge.models import Article, ArticleVersion, FormerSlug
from openline.records.models import Record

pytestmark = pytest.mark.django_db

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nPut the blue bin out.\n"


@pytest.fixture(autouse=True)
def nothing_else(db: None) -> None:
    """No article of the sample city stands in the way."""
    ArticleVersion.objects.all().delete()
    Article.objects.filter(translation_of__isnull=False).delete()
    Article.objects.all().delete()


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What listeners heard."""
    heard: list[tuple[str, str]] = []
    monkeypatch.setattr(changed, "_handlers", [])
    changed.subscribe(lambda event: heard.append((event.what, event.article.slug)))
    return heard


def draft(ana: User | None = None, **more: Any) -> Article:
    return writing.create({"title": "Trash day", "body": "Put it out at 7 pm.", **more}, by=ana)


def file(kind: str = "image/jpeg", name: str = "a") -> File:
    return File.objects.create(
        sha256=name * 64, content_type=kind, size_bytes=1, original="x", created_at=timezone.now()
    )


def test_a_draft_has_an_address_a_version_and_a_record(ana: User) -> None:
    article = draft(ana)
    assert (article.slug, article.state, article.version) == ("trash-day", "draft", 1)
    kept = article.versions.get()
    assert kept.content["body"] == "Put it out at 7 pm." and kept.by == ana
    record = Record.objects.order_by("-id")[0]
    assert record.actor == "ana" and record.body["what"] == "article created" and record.body["version"] == 1
    assert draft(ana).slug == "trash-day-2"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("body", ""),
        ("slug", "Trash Day"),
        ("language", "English"),
        ("source", "javascript:alert(1)"),
        ("links", [{"label": "Here", "url": "javascript:alert(1)"}]),
        ("links", [{"label": "", "url": "https://city.example"}]),
        ("expires_on", "31.12.2026"),
        ("title", "x" * 201),
        ("media", [{"file": "0199c2f0-0000-7000-8000-000000000000", "alt": "A bin"}]),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        draft(**{field: value})
    assert list(refused.value.errors) == [field] and not Article.objects.exists()


def test_a_change_is_a_version_and_its_words_are_told_apart(ana: User, told: list[Any]) -> None:
    article = draft(ana, cost="Free")
    article = writing.publish(article.pk, by=ana, seen=1)
    article = writing.change(article.pk, {"body": "Put it out at 6 pm, not before."}, by=ana, seen=2, note="New hours")
    before, after = article.versions.get(number=1).content, article.versions.get(number=3).content
    found = {one.field: [(kind, text) for kind, text in one.pieces] for one in differences(before, after)}
    assert found["body"] == [
        ("same", "Put it out at "), ("removed", "7"), ("added", "6"), ("same", " pm"), ("added", ", not before"),
        ("same", "."),
    ]  # fmt: skip
    assert found.keys() == {"body", "state"}
    assert told == [("published", "trash-day"), ("changed", "trash-day")]
    assert article.worded_in == 3 and article.published_at


def test_a_long_text_shows_the_words_beside_a_change_alone(ana: User) -> None:
    words = " ".join(f"word{n}" for n in range(200))
    (one,) = differences({"body": f"{words} old {words}"}, {"body": f"{words} new {words}"})
    before, gone, come, after = one.pieces
    assert before.text.startswith("… word19") and before.text.endswith("word199 ") and len(before.text) < 120
    assert (gone.text, come.text) == ("old", "new") and after.text.startswith(" word0 word1 ") and len(after.text) < 120


def test_nothing_new_is_no_version(ana: User) -> None:
    article = draft(ana)
    assert writing.change(article.pk, {"title": " Trash day "}, by=ana, seen=1).version == 1


def test_who_saw_an_older_version_changes_nothing(ana: User) -> None:
    article = draft(ana)
    writing.change(article.pk, {"title": "Trash days"}, by=ana, seen=1)
    with pytest.raises(Outdated) as refused:
        writing.change(article.pk, {"title": "Mine"}, by=ana, seen=1)
    assert refused.value.version == 2
    article.refresh_from_db()
    assert article.title == "Trash days"


def test_an_earlier_version_comes_back_whole_but_where_it_stands(ana: User) -> None:
    picture = file()
    media = [{"file": str(picture.pk), "alt": "A blue bin", "caption": "", "captions": ""}]
    article = draft(ana, who="Everybody", expires_on="2030-01-31", media=media)
    article = writing.change(article.pk, {"who": "", "body": "Other.", "media": [], "slug": "bins", "expires_on": None},
                             by=ana, seen=1)  # fmt: skip
    assert not article.media.exists()
    article = writing.restore(article.pk, 1, by=ana, seen=2)
    article.refresh_from_db()
    assert (article.who, article.body, article.slug) == ("Everybody", "Put it out at 7 pm.", "bins")
    assert article.media.get().alt == "A blue bin" and str(article.expires_on) == "2030-01-31"
    assert article.versions.get(number=3).note == "Version 1 brought back"
    with pytest.raises(NotDone):
        writing.restore(article.pk, 1, by=ana, seen=3)
    with pytest.raises(NotDone):
        writing.restore(article.pk, 99, by=ana, seen=3)


def test_a_former_address_leads_on_until_another_article_takes_it(ana: User) -> None:
    article = draft(ana)
    writing.change(article.pk, {"slug": "bins"}, by=ana, seen=1)
    assert FormerSlug.objects.get().article == article
    draft(ana, slug="trash-day")
    assert not FormerSlug.objects.exists()
    with pytest.raises(Invalid) as refused:
        draft(ana, slug="bins")
    assert refused.value.errors.keys() == {"slug"}


def test_a_translation_is_one_for_each_language_and_known_to_be_old(ana: User) -> None:
    original = draft(ana, service_code="SR-ST03", owner="streets")
    spanish = writing.translate(original.pk, {"title": "Día de basura", "body": "A las 7.", "language": "es"}, by=ana)
    assert (spanish.slug, spanish.service_code, spanish.owner) == ("dia-de-basura", "SR-ST03", "streets")
    arabic = writing.translate(spanish.pk, {"title": "يوم القمامة", "body": "السابعة", "language": "ar"}, by=ana)
    assert arabic.translation_of == original and arabic.slug == "trash-day-ar"
    for language in ("en", "es"):
        with pytest.raises(Invalid) as refused:
            writing.translate(original.pk, {"title": "x", "body": "x", "language": language}, by=ana)
        assert refused.value.errors.keys() == {"language"}
    writing.mark_reviewed(original.pk, by=ana, seen=1)
    spanish.refresh_from_db()
    assert not queries.is_stale(spanish), "who only looked at the original changed no word"
    writing.change(original.pk, {"cost": "Free"}, by=ana, seen=2)
    spanish = Article.objects.get(pk=spanish.pk)
    assert queries.is_stale(spanish) and {a.language for a in queries.due()["stale"]} == {"es", "ar"}
    spanish = writing.change(spanish.pk, {"cost": "Gratis"}, by=ana, seen=1, matches_original=True)
    assert not queries.is_stale(spanish)


def test_expired_is_gone_by_the_query_alone(ana: User) -> None:
    today = timezone.localdate()
    article = writing.publish(draft(ana, expires_on=today + timedelta(days=1)).pk, by=ana, seen=1)
    assert article in queries.public() and article not in queries.public(today + timedelta(days=1))
    assert article in queries.due()["expiring"] and article in queries.due(today + timedelta(days=1))["expired"]
    late = draft(ana, expires_on=today)
    with pytest.raises(Invalid):
        writing.publish(late.pk, by=ana, seen=1)


def test_withdrawn_needs_a_reason_and_is_told(ana: User, told: list[Any]) -> None:
    article = writing.publish(draft(ana).pk, by=ana, seen=1)
    with pytest.raises(Invalid):
        writing.withdraw(article.pk, by=ana, seen=2, why=" ")
    writing.withdraw(article.pk, by=ana, seen=2, why="Ended")
    assert article not in queries.public() and told[-1] == ("withdrawn", "trash-day")
    writing.change(article.pk, {"cost": "Free"}, by=ana, seen=3)
    assert len(told) == 2, "what nobody sees is no news"


def test_an_article_from_before_versions_keeps_what_it_was(ana: User) -> None:
    old = Article.objects.create(slug="old", title="Old", body="As it was.")
    writing.change(old.pk, {"body": "New."}, by=ana, seen=1)
    assert [v.content["body"] for v in old.versions.order_by("number")] == ["As it was.", "New."]


def test_pictures_need_words_and_films_captions(ana: User) -> None:
    picture, film = file(), file("video/mp4", "b")
    for media in (
        [{"file": str(picture.pk), "alt": " "}],
        [{"file": str(film.pk), "alt": "How to sort"}],
        [{"file": str(film.pk), "alt": "How to sort", "captions": "00:01 hello"}],
        [{"file": str(picture.pk), "alt": "x"}, {"file": str(picture.pk), "alt": "y"}],
    ):
        with pytest.raises(Invalid) as refused:
            draft(ana, media=media)
        assert refused.value.errors.keys() == {"media"}
    assert draft(ana, media=[{"file": str(film.pk), "alt": "How to sort", "captions": VTT}]).media.get().captions


def test_a_handler_that_fails_undoes_the_change(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    article = draft(ana)

    def fail(event: ArticleChanged) -> None:
        raise RuntimeError

    monkeypatch.setattr(changed, "_handlers", [fail])
    with pytest.raises(RuntimeError):
        writing.publish(article.pk, by=ana, seen=1)
    article.refresh_from_db()
    assert article.state == "draft" and article.versions.count() == 1
