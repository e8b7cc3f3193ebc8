"""What service requests cost at the size of a city: creating, lists, nearby, the map. Beside a plain reference.

Each call goes through the whole application in this process (middleware, view, JSON), one at a time. The processor time
is that of this process and of the embedded database together; the time of the view is the clock's.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
import psutil
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openline.foundation.bulk import query
from openline.foundation.ids import uuid7
from openline.open311 import keys
from openline.operations.figures import Figure, database_processes, processor_seconds
from openline.operations.seeding import writing
from openline.service_requests import map_cells
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.similar import Wanted, alike
from openline.triage.duplicates import Side

PEERS = (
    "Peers, measured elsewhere on two cores with 10,000 to 12,000 requests (CPU-ms of application and database):",
    "  create: Signalen 57 and 4 jobs of 14, 45 queries; FixMyStreet 125",
    "  list of 100: Signalen 570, 621 queries; FixMyStreet 155 to 235; list of 1,000: FixMyStreet 2,100",
    "  nearby: Signalen 50; FixMyStreet 76 to 126",
)
_REFERENCE = "SELECT 1 and the JSON of 100 rows"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one call: milliseconds of the clock (median, 99th percentile) and of processors, and queries."""

    median: float
    p99: float
    processor: float
    queries: int


def measure(count: int) -> Iterator[Figure]:
    """All figures, with `count` requests. Writes for good: run it on a database of its own."""
    if not writing.holds_real_data():
        began = time.perf_counter()
        writing.seed(count, 1)
        yield Figure(f"seeding {count:,} requests", time.perf_counter() - began, "s")
    began = time.perf_counter()
    if map_cells.refresh():
        yield Figure("counting the map anew", (time.perf_counter() - began) * 1000, "ms")
    reference = _cost(_plain, 300)
    for name, call, times in _calls():
        yield from _figures(name, _cost(call, times), reference)


def _figures(name: str, cost: Cost, reference: Cost) -> Iterator[Figure]:
    yield Figure(f"{name} ({cost.queries} queries): processor, application and database", cost.processor, "ms",
                 _REFERENCE, reference.processor)  # fmt: skip
    yield Figure(f"{name}: median", cost.median, "ms", _REFERENCE, reference.median)
    yield Figure(f"{name}: p99", cost.p99, "ms", _REFERENCE, reference.p99)


def _calls() -> list[tuple[str, Callable[[], object], int]]:
    client, dice = Client(), random.Random(1)
    points = _points(dice)
    return [
        ("create a request over the API", _creating(client, points), 100),
        ("list of 100", _getting(client, "/open311/v2/requests.json?page_size=100"), 200),
        ("list of 1,000", _getting(client, "/open311/v2/requests.json?page_size=1000"), 30),
        ("open requests near by", _near(dice, points), 400),
        ("map of the whole city", _getting(client, "/requests/map.json"), 200),
    ]


def _points(dice: random.Random) -> list[tuple[float, float]]:
    """Where some of the requests are."""
    newest = ServiceRequest.objects.order_by("-requested_at").values_list("latitude", "longitude")[:5000]
    found = [(lat, lon) for lat, lon in newest if lat is not None and lon is not None]
    dice.shuffle(found)
    return found


def _creating(client: Client, points: list[tuple[float, float]]) -> Callable[[], object]:
    _made, key = keys.make(f"bench {uuid7()}", "bench", by="openline", per_minute=keys.MOST_A_MINUTE)
    asking_nothing = Service.objects.filter(attributes=None, active=True, public=True, kind="request")
    service = asking_nothing.filter(needs_photo=False, needs_contact=False, season_start="").first()
    assert service
    numbers = iter(range(1_000_000))

    def call() -> object:
        lat, lon = points[next(numbers) % len(points)]
        answer = client.post("/open311/v2/requests.json", {
            "api_key": key, "service_code": service.code, "lat": lat, "long": lon,
            "description": f"It is broken again, for the third time this year ({uuid7()})"})  # fmt: skip
        assert answer.status_code in (200, 201), answer.content
        return answer

    return call


def _getting(client: Client, path: str) -> Callable[[], object]:
    def call() -> object:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        return answer

    return call


def _near(dice: random.Random, points: list[tuple[float, float]]) -> Callable[[], object]:
    services = list(ServiceRequest.objects.order_by("-requested_at").values_list("service", "service__name")[:500])

    def call() -> object:
        (lat, lon), (pk, name) = dice.choice(points), dice.choice(services)
        now = timezone.now()
        return alike([Wanted(Side("It is broken again", name, lat, lon, now), pk, now)])

    return call


def _plain() -> object:
    query("SELECT 1")
    return orjson.dumps([{"number": str(n), "text": "It is broken again, the third time", "at": n} for n in range(100)])


def _cost(call: Callable[[], object], times: int) -> Cost:
    """What `call` costs, after some calls to warm up."""
    for _ in range(5):
        call()
    with CaptureQueriesContext(connection) as captured:
        call()
    queries = len(captured)  # the next request empties the list
    spent, before = [], _processor()
    for _ in range(times):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    processor = (_processor() - before) * 1000 / times
    return Cost(statistics.median(spent), sorted(spent)[int(len(spent) * 0.99)], processor, queries)


def _processor() -> float:
    used = psutil.Process().cpu_times()
    return used.user + used.system + processor_seconds(database_processes())
