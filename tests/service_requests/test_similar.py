"""Requests that may be the same: the candidates, found through the index, and what is shown of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.files.hashing import to_database
from openline.files.models import Attachment, File
from openline.service_requests import joining, similar
from openline.service_requests.models import SameOrNot, Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from openline.triage.duplicates import Side

pytestmark = pytest.mark.usefixtures("philadelphia")
LAT, LON = 39.9526, -75.1652


def lamp(
    north_m: float = 0, text: str = "Streetlight out by the bakery", days: float = 0, **more: Any
) -> ServiceRequest:
    """A broken lamp so far north and so many days ago."""
    service = Service.objects.get(name=more.pop("service", "Street Light Outage"))
    place = {"kind": "address", "name": "1 Elm St", "lat": LAT + north_m / 111_195, "lon": LON}
    at = timezone.now() - timedelta(days=days)
    made = open_request(NewRequest(service, text, text, "test", place=place, requested_at=at))
    ServiceRequest.objects.filter(pk=made.pk).update(**more)
    return made


def shown(request: ServiceRequest) -> list[str]:
    return [item.number for item in similar.to_request(request, ServiceRequest.objects.all())]


def test_near_recent_and_open_is_found_with_reasons() -> None:
    first, near = lamp(), lamp(12, "The bakery streetlight is dark", days=2.1)
    [found] = similar.to_request(first, ServiceRequest.objects.all())
    assert found.number == near.number and found.score > 0.5
    assert found.reason.startswith("12 m away, same service, 2 days apart, both say “bakery”")


def test_far_old_other_and_long_closed_are_not_found() -> None:
    first = lamp()
    lamp(120)
    lamp(5, days=40)
    lamp(5, service="Graffiti Removal")
    lamp(5, status="closed", closed_at=timezone.now() - timedelta(days=20), days=25)
    lamp(5, duplicate_of=first, status="closed", closed_at=timezone.now())
    assert shown(first) == []
    recently = lamp(5, status="closed", closed_at=timezone.now() - timedelta(days=3), days=10)
    assert shown(first) == [recently.number]


def test_only_what_a_person_may_see() -> None:
    first = lamp()
    lamp(5)
    assert similar.to_request(first, ServiceRequest.objects.none()) == []


def test_at_most_twenty_and_one_query_for_many() -> None:
    made = [lamp(n) for n in range(25)]
    wanted = [similar.Wanted(similar.side_of(r), r.service_id, r.requested_at) for r in made[:10]]
    without_point = similar.Wanted(Side("x"), made[0].service_id, made[0].requested_at)
    with CaptureQueriesContext(connection) as captured:
        found = similar.alike([*wanted, without_point])
    assert len(captured) == 1
    assert [len(items) for items in found] == [similar.MOST] * 10 + [0]
    assert all(items == sorted(items, key=lambda item: -item.score) for items in found)


def test_the_index_finds_candidates_among_a_hundred_thousand() -> None:
    one = lamp()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM service_requests_servicerequest LIMIT 0")
        names = [column.name for column in cursor.description or ()]
        new = {
            "id": "gen_random_uuid()",
            "number": "'T' || n",
            "latitude": "39.87 + random() * 0.27",
            "longitude": "-75.28 + random() * 0.3",
            "requested_at": "now() - random() * interval '60 days'",
        }
        chosen = ", ".join(new.get(name, f"r.{name}") for name in names)
        cursor.execute(
            f"INSERT INTO service_requests_servicerequest ({', '.join(names)})"
            f" SELECT {chosen} FROM service_requests_servicerequest r, generate_series(1, 100000) n WHERE r.id = %s",
            [one.pk],
        )
        with_photo(one, 7)
        cursor.execute(
            "INSERT INTO files_attachment (id, file_id, request_id, position, kind, alt, problem, private, public,"
            " removed_reason, at) SELECT gen_random_uuid(), (SELECT id FROM files_file LIMIT 1), r.id, 0, 'before', '',"
            " '', false, false, '', now() FROM service_requests_servicerequest r WHERE r.id <> %s LIMIT 50000",
            [one.pk],
        )
        cursor.execute("ANALYZE service_requests_servicerequest, files_attachment, files_file")
        wanted = [similar.Wanted(similar.side_of(one), one.service_id, one.requested_at)]
        cursor.execute("EXPLAIN ANALYZE " + similar.CANDIDATES, similar.parameters(wanted))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "request_near" in plan and "Seq Scan on service_requests_servicerequest" not in plan
    assert "attachment_of_request_once" in plan and "Seq Scan on files_attachment" not in plan


def with_photo(request: ServiceRequest, *hashes: int) -> ServiceRequest:
    """`request` with photos that look like `hashes`."""
    for number, one in enumerate(hashes):
        sha = f"{request.pk.hex}{number}"
        file = File.objects.create(sha256=sha, content_type="image/jpeg", size_bytes=1, original=sha,
                                   phash=to_database(one), created_at=timezone.now())  # fmt: skip
        Attachment.objects.create(file=file, request_id=request.pk, at=timezone.now())
    return request


def test_the_same_photo_speaks_for_the_same_problem_and_staff_read_so() -> None:
    high = 1 << 63
    first = with_photo(lamp(), 0b1111, high | 0b1010)
    words = {"text": "the lamp by the pharmacy flickers", "days": 9.0}
    plain, same, other = lamp(40, **words), lamp(40, **words), lamp(40, **words)
    with_photo(same, 0xFFFF << 20, high | 0b1011)
    with_photo(other, 0xFFFFFFFF << 16)
    wanted = similar.Wanted(similar.side_of(first), first.service_id, first.requested_at, first.pk)
    with CaptureQueriesContext(connection) as captured:
        [found] = similar.alike([wanted])
    assert len(captured) == 1
    score = {item.number: item.score for item in found}
    assert score[same.number] > score[plain.number] + 0.2 and score[other.number] == score[plain.number]
    reasons = {item.number: item.reason for item in found}
    assert "the same photo" in reasons[same.number] and "photo" not in reasons[plain.number] + reasons[other.number]


def test_what_a_person_decides_is_kept_with_the_photos_in_the_score(django_user_model: Any) -> None:
    a, b = with_photo(lamp(), 5), with_photo(lamp(40, "flickers", 9.0), 5)
    plain = similar.alike([similar.Wanted(similar.side_of(a), a.service_id, a.requested_at)])[0]
    joining.keep_apart(b.pk, a.pk, by=django_user_model.objects.create_user("ana"))
    without = {item.number: item.score for item in plain}[b.number]
    assert SameOrNot.objects.get().score > without


def test_a_photo_that_was_removed_says_nothing() -> None:
    first, same = with_photo(lamp(), 7), with_photo(lamp(5), 7)
    assert similar.to_request(first, ServiceRequest.objects.all())[0].same_photo
    Attachment.objects.filter(request_id=same.pk).update(removed_at=timezone.now())
    assert not similar.to_request(first, ServiceRequest.objects.all())[0].same_photo
