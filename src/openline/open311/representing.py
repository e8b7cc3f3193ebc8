"""Service requests as GeoReport v2 writes them. Only public fields come in here (`service_requests.public`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from openline.files.queries import Shown, shown_with
from openline.geography.models import Area
from openline.service_requests import public, questions
from openline.service_requests.jurisdiction import city_zone
from openline.service_requests.models import AttributeType, ServiceAttribute, ServiceRequest

_HAS_ID = frozenset(("intersection", "block", "address", "landmark"))
"""Kinds of places whose name finds them again: the name is their address_id."""
_AREAS_SECONDS = 60
_areas: tuple[float, dict[str, str]] | None = None

Row = dict[str, Any]
Time = Callable[[datetime | None], str]


def times() -> Time:
    """How times are written: ISO 8601 in the city's zone, "" for none."""
    zone = city_zone()

    def time_(moment: datetime | None) -> str:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""

    return time_


def rows(found: QuerySet[ServiceRequest], extended: bool) -> list[Row]:
    """What is needed of `found` to write it, in one query."""
    return public.rows(found, "service_id", "answers") if extended else public.rows(found)


def requests(rows: Sequence[Row], extended: bool) -> list[Row]:
    """`rows` of `public.rows` as answers; `extended` adds what is asked for by `extensions=true`."""
    time_, words, ids = times(), _status_words(), [row["id"] for row in rows]
    photos = shown_with(ids) if ids else {}
    found = [_request(row, time_, words(row), photos.get(row["id"], ())) for row in rows]
    if extended and rows:
        notes, answers, areas = _notes(ids, time_), _attributes(rows), _area_names()
        for row, one in zip(rows, found, strict=True):
            one |= _extension(row, time_, areas, photos.get(row["id"], ()))
            one["attributes"] = answers(row)
            one["notes"] = notes.get(row["id"], [])
    return found


def _status_words() -> Callable[[Row], str]:
    """The state in words, put together once for each state and outcome of the page."""
    known: dict[tuple[str, str], str] = {}

    def words(row: Row) -> str:
        key = row["status"], row["outcome"]
        text = known.get(key)
        if text is None:
            text = known[key] = public.status_words(row | {"status_note": ""})
        return f"{text} {row['status_note']}" if row["status_note"] else text

    return words


def _request(row: Row, time_: Time, words: str, photos: Sequence[Shown]) -> Row:
    """One request with exactly the specification's fields."""
    return {
        "service_request_id": row["number"],
        "status": "open" if row["closed_at"] is None else "closed",
        "status_notes": words,
        "service_name": row["service__name"],
        "service_code": row["service__code"],
        "description": row["public_description"],
        "agency_responsible": row["department__name"],
        "service_notice": "",
        "requested_datetime": time_(row["requested_at"]),
        "updated_datetime": time_(row["updated_at"]),
        "expected_datetime": time_(row["due_at"]),
        "address": row["place_name"],
        "address_id": row["place_name"] if row["place_kind"] in _HAS_ID else "",
        "zipcode": next((code[4:] for code in row["areas"] if code.startswith("zip-")), ""),
        "lat": row["latitude"],
        "long": row["longitude"],
        "media_url": photos[0].address if photos else "",
    }


def _extension(row: Row, time_: Time, areas: dict[str, str], photos: Sequence[Shown]) -> Row:
    """Detailed state, channel, areas, photos, and whether the promise was kept."""
    return {
        "extended_attributes": {
            "channel": row["source"],
            "detailed_status": row["status"],
            "outcome": row["outcome"],
            "areas": [{"code": code, "name": areas.get(code, code)} for code in row["areas"]],
            "closed_datetime": time_(row["closed_at"]),
            "deadline": _deadline(row),
            "photos": [{"media_url": one.address, "kind": one.kind, "description": one.alt} for one in photos],
        }
    }


def _deadline(row: Row) -> str:
    """How the promise stands: "none", "ahead" or "overdue" while open, "kept" or "missed" once closed."""
    if row["due_at"] is None:
        return "none"
    if row["closed_at"] is None:
        return "overdue" if row["due_at"].timestamp() < time.time() else "ahead"
    return "missed" if row["closed_at"] > row["due_at"] else "kept"


def _notes(ids: Sequence[UUID], time_: Time) -> dict[UUID, list[Row]]:
    """The public history of all requests, in one query."""
    found: dict[UUID, list[Row]] = {}
    columns = ("request_id", "at", "to_status", "public_text")
    for request_id, at, to_status, text in public.public_updates().filter(request__in=ids).values_list(*columns):
        note = {"datetime": time_(at), "type": to_status or "update", "description": text}
        found.setdefault(request_id, []).append(note)
    return found


def _attributes(rows: Sequence[Row]) -> Callable[[Row], list[Row]]:
    """The answers that everybody may read, with their questions; one query for all requests."""
    services = {row["service_id"] for row in rows if row["answers"]}
    asked: dict[int, list[ServiceAttribute]] = {}
    for one in ServiceAttribute.objects.filter(service__in=services, public=True) if services else ():
        asked.setdefault(one.service_id, []).append(one)

    def answers(row: Row) -> list[Row]:
        shown = questions.shown(asked.get(row["service_id"], []), row["answers"], public_only=True)
        return [{"code": one.code, "label": one.question, "value": words} for one, words in shown]

    return answers


def _area_names() -> dict[str, str]:
    """The names of the city's areas by code, read once a minute."""
    global _areas
    if _areas is None or time.monotonic() - _areas[0] > _AREAS_SECONDS:
        _areas = time.monotonic(), dict(Area.objects.values_list("code", "name"))
    return _areas[1]


def attribute(one: ServiceAttribute, order: int, extended: bool) -> Row:
    """A question of a service; `extended` adds when it is asked, the bounds, and answers that end the form."""
    found: Row = {
        "variable": one.variable,
        "code": one.code,
        "datatype": one.datatype,
        "required": one.required and not one.depends_on,
        "datatype_description": one.hint,
        "order": order,
        "description": one.question,
    }
    listed = one.datatype in (AttributeType.SINGLE, AttributeType.MULTI)
    if listed:
        found["values"] = [{"key": str(value["key"]), "name": str(value["name"])} for value in one.values]
    if extended:
        stops = [{"key": str(value["key"]), "text": value["stop"]} for value in one.values if value.get("stop")]
        found["extended_attributes"] = {
            "required_if_asked": one.required,
            "depends_on": one.depends_on,
            "depends_values": one.depends_values,
            "minimum": one.minimum,
            "maximum": one.maximum,
            "public": one.public,
            "stops": stops,
        }
    return found


def update(row: Row, time_: Time, extended: bool) -> Row:
    """One entry of a request's history, as FixMyStreet and open311-adapter write it."""
    found = {
        "update_id": str(row["id"]),
        "service_request_id": row["request__number"],
        "status": "open" if public.is_open(row["stood"] or row["request__status"]) else "closed",
        "description": row["public_text"] or public.status_words(row | {"status": row["to_status"], "status_note": ""}),
        "media_url": "",
        "updated_datetime": time_(row["at"]),
    }
    if extended:
        found["extended_attributes"] = {"detailed_status": row["stood"], "outcome": row["outcome"]}
    return found
