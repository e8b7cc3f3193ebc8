"""From the composer's form to the content of a post. Whatever the browser sends becomes a content or a clear error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http import QueryDict
from django.utils.translation import gettext as _

from openline.console import moments
from openline.files.models import File
from openline.foundation.text import clean
from openline.publishing.content import OWN, Content, Form, Item, Words
from openline.publishing.errors import NotPossible
from openline.publishing.states import Kind
from openline.service_requests.languages import LOCALES

_SALT = "openline.post.file"
LONGEST_TEXT = 20_000
LONGEST_BODY = 200_000
MOST_ACCOUNTS = 200
_SHOWN_OPTIONS = ("short", "utm_source", "slug", "categories", "page", "by_network", OWN)
_is_web = URLValidator(schemes=["https", "http"])
MOST_MEDIA = 20
MOST_OPTIONS = 20
POLL_SECONDS = (3600, 6 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600)


def seal(file_id: object) -> str:
    """The name of a file in the form: who has it was shown the file here."""
    return signing.Signer(salt=_SALT).sign(str(file_id))


def unseal(sealed: str) -> UUID | None:
    """The id of the file, None if the name is not ours."""
    try:
        return UUID(signing.Signer(salt=_SALT).unsign(sealed[:200]))
    except (signing.BadSignature, ValueError):
        return None


def content_of(typed: QueryDict, place: dict[str, Any] | None = None) -> Content:
    """All that the form holds; `place` is what its words for a place were resolved to. Raises NotPossible."""
    kind = typed.get("kind", "")
    first, languages = languages_of(typed)
    return Content(
        kind=kind if kind in Kind.values else Kind.SHORT,
        name=_line(typed, "name", 200),
        language=first,
        texts={language: _words(typed, language) for language in languages},
        media=_media(typed, languages),
        forms=_forms(typed, first, languages),
        link=_link(typed),
        campaign=_line(typed, "campaign", 60),
        areas=tuple(clean(code, 100) for code in typed.getlist("areas")[:300]),
        topics=tuple(_list(_line(typed, "topics", 500))),
        **_place(typed, place),
        poll=_poll(typed),
        warning=_line(typed, "warning", 300),
        embargo_until=moment(typed, "embargo_until"),
        late_minutes=_minutes(typed),
        article_slug=_line(typed, "article_slug", 120),
    )


def languages_of(typed: QueryDict) -> tuple[str, list[str]]:
    """The first language and all that are written, known ones only."""
    asked = [code for code in [*typed.getlist("languages"), typed.get("add_language", "")] if code in LOCALES]
    gone = set(typed.getlist("drop_language"))
    languages = [code for code in dict.fromkeys(asked) if code not in gone] or ["en"]
    first = typed.get("language", "")
    return (first if first in languages else languages[0]), languages


def moment(typed: QueryDict, name: str) -> datetime | None:
    """The day and time in the field `name`, as the city's clocks show it. Raises NotPossible."""
    return moments.moment(typed.get(name, "")[:30], name)


def _words(typed: QueryDict, language: str) -> Words:
    return Words(
        text=clean(typed.get(f"text-{language}", ""), LONGEST_TEXT),
        title=_line(typed, f"title-{language}", 200),
        body=clean(typed.get(f"body-{language}", ""), LONGEST_BODY),
        first_comment=clean(typed.get(f"comment-{language}", ""), LONGEST_TEXT),
    )


def _forms(typed: QueryDict, first: str, languages: list[str]) -> tuple[Form, ...]:
    """A form for each ticked account, or for each ticked language of it where there are several."""
    found: dict[tuple[str, str], Form] = {}
    for value in typed.getlist("form")[:MOST_ACCOUNTS]:
        account, _colon, language = value.partition(":")
        if not _is_id(account):
            raise NotPossible(_("An account is not named right. Load the page again."), "accounts")
        language = language if language in languages else first
        found[account, language] = _form(typed, account, language)
    return tuple(found.values())


def _form(typed: QueryDict, account: str, language: str) -> Form:
    key = f"{account}:{language}"
    form = Form(account, language, options=_options(typed, key), leave_at=moment(typed, f"leave_at-{key}"))
    if f"own-{key}" not in typed:
        return form
    base = _words(typed, language)
    return replace(
        form,
        text=clean(typed.get(f"text-{key}", ""), LONGEST_TEXT) or base.text,
        title=_line(typed, f"title-{key}", 200) or None,
        first_comment=clean(typed.get(f"comment-{key}", ""), LONGEST_TEXT) or None,
    )


def _options(typed: QueryDict, key: str) -> dict[str, Any]:
    """What is chosen for one account alone; nothing stands for what is left as it is."""
    found: dict[str, Any] = {
        "short": "short" in typed,
        "utm_source": _line(typed, f"utm_source-{key}", 60),
        "slug": _line(typed, f"slug-{key}", 120),
        "categories": _list(_line(typed, f"categories-{key}", 500)),
        "page": f"page-{key}" in typed,
        "by_network": "yes" if f"by_network-{key}" in typed else "",
        OWN: _of_the_network(typed, f"network-{key}-"),
    }
    return {name: value for name, value in found.items() if value}


def _of_the_network(typed: QueryDict, prefix: str) -> dict[str, str]:
    """What only this network knows (`Channel.options`), by its names."""
    names = [name.removeprefix(prefix) for name in typed if name.startswith(prefix)][:MOST_OPTIONS]
    found = {name: _line(typed, prefix + name, 500) for name in names}
    return {name: value for name, value in found.items() if value and name.isidentifier()}


def keeping(content: Content, before: Content) -> Content:
    """`content` with what the forms of `before` hold that this page does not show, such as what a post answers."""
    options = {(form.account, form.language): form.options for form in before.forms}

    def kept(form: Form) -> Form:
        given = options.get((form.account, form.language), {})
        hidden = {name: value for name, value in given.items() if name not in _SHOWN_OPTIONS}
        return replace(form, options=hidden | form.options)

    return replace(content, forms=tuple(kept(form) for form in content.forms))


def _media(typed: QueryDict, languages: list[str]) -> tuple[Item, ...]:
    """The files in their order, without those that are taken out."""
    found = []
    for sealed in typed.getlist("media")[:MOST_MEDIA]:
        file_id = unseal(sealed)
        if file_id is None:
            raise NotPossible(_("A file is not named right. Choose it again."), "media")
        found.append(_item(typed, str(file_id), languages))
    step, _colon, about = typed.get("do", "").partition(":")
    return tuple(_moved(list({item.file: item for item in found}.values()), step, about))


def _item(typed: QueryDict, file: str, languages: list[str]) -> Item:
    def by_language(name: str, limit: int) -> dict[str, str]:
        found = {language: clean(typed.get(f"{name}-{file}-{language}", ""), limit) for language in languages}
        return {language: text for language, text in found.items() if text}

    return Item(
        file,
        by_language("alt", 1500),
        by_language("captions", LONGEST_BODY),
        by_language("words", 2000),
        _focus(typed, f"focus_x-{file}"),
        _focus(typed, f"focus_y-{file}"),
    )


def _focus(typed: QueryDict, name: str) -> float:
    """A coordinate of the focus point, from -1 to 1; the form has it in hundredths."""
    try:
        return max(-100, min(100, round(float(typed.get(name, "") or 0)))) / 100
    except ValueError:
        return 0.0


def _moved(items: list[Item], step: str, file: str) -> list[Item]:
    """`items` after a button: one of them up, down or out."""
    at = next((n for n, item in enumerate(items) if item.file == file), None)
    if at is None or step not in ("up", "down", "out"):
        return items
    item = items.pop(at)
    if step != "out":
        items.insert(max(0, at - 1) if step == "up" else at + 1, item)
    return items


def with_files(content: Content, files: Iterable[File]) -> Content:
    """`content` with these files behind those that it has."""
    known = {item.file for item in content.media}
    new = tuple(Item(str(file.pk)) for file in files if str(file.pk) not in known)
    return replace(content, media=(content.media + new)[:MOST_MEDIA])


def _link(typed: QueryDict) -> str:
    link = _line(typed, "link", 1000)
    if link and "://" not in link:
        link = f"https://{link}"
    try:
        if link:
            _is_web(link)
    except ValidationError:
        raise NotPossible(_("A link begins with https:// and names a site."), "link") from None
    return link


def _place(typed: QueryDict, place: dict[str, Any] | None) -> dict[str, Any]:
    if place is None:
        return {"place": "", "latitude": None, "longitude": None}
    return {"place": str(place["name"])[:300], "latitude": place["lat"], "longitude": place["lon"]}


def _poll(typed: QueryDict) -> dict[str, Any] | None:
    options = [clean(text, 100) for text in typed.getlist("poll")[:10]]
    options = [text for text in options if text]
    if not options:
        return None
    seconds = typed.get("poll_seconds", "")
    known = [one for one in POLL_SECONDS if str(one) == seconds]
    return {"options": options, "seconds": known[0] if known else POLL_SECONDS[2], "multiple": "poll_multiple" in typed}


def _minutes(typed: QueryDict) -> int | None:
    text = typed.get("late_minutes", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 60 * 24 * 7):
        raise NotPossible(_("Say in whole minutes how late it may go out, at most a week."), "late_minutes")
    return int(text)


def _line(typed: QueryDict, name: str, limit: int) -> str:
    return " ".join(clean(typed.get(name, ""), limit).split())


def _list(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip().lstrip("#") for part in text.split(",") if part.strip(" #")))


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
