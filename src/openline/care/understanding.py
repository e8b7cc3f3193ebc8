"""The reader of this process: catalogue, gazetteer and service model, loaded once and again when they change."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from django.db.models import Max

from openline.care import sentences
from openline.foundation.bulk import query
from openline.geography.gazetteer import Gazetteer
from openline.geography.models import GazetteerFile
from openline.service_requests import seasons
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import CatalogueVersion, Service
from openline.triage.assessment import Post
from openline.triage.catalogue import ServiceInfo
from openline.triage.models import ServiceModelFile
from openline.triage.reader import Reader
from openline.triage.service_model import ServiceModel


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that is needed to read posts, and the services by code."""

    reader: Reader
    gazetteer: Gazetteer | None
    services: dict[str, Service]
    kinds: dict[str, str]
    placeless: frozenset[str]
    version: tuple[object, ...]


_OBJECTS_BETWEEN_COLLECTIONS = 20_000
logger = structlog.get_logger("openline.care")
_lock = threading.Lock()
_current: Understanding | None = None


def understanding() -> Understanding:
    """The current understanding; loaded at the first use."""
    with _lock:
        return _current or _load()


def practised() -> Understanding:
    """The same, for a process that reads posts: the rules are loaded when the first post comes, which is a quarter of a
    second of work that the first resident should not wait for."""
    known = understanding()
    known.reader.assess([Post("practice", "There is a pothole at the corner of 1st and Main")])
    return known


def refresh() -> None:
    """Load anew if the catalogue, the gazetteer or the service model changed since."""
    with _lock:
        if _current is None or _current.version != _version():
            _load()


def _version() -> tuple[object, ...]:
    """What the loaded understanding depends on: changes when any of it does, and when a season begins or ends."""
    columns = ("pk", "code", "name", "kind", "needs_place", "department_id", "season_start", "season_end")
    services = tuple(Service.objects.filter(active=True).order_by("pk").values_list(*columns))
    return (
        GazetteerFile.objects.aggregate(Max("pk"))["pk__max"],
        ServiceModelFile.objects.filter(active=True).aggregate(Max("pk"))["pk__max"],
        sentences.stamp(),
        CatalogueVersion.objects.aggregate(Max("pk"))["pk__max"],
        services,
        _out_of_season(services),
    )


def _out_of_season(services: Iterable[tuple[Any, ...]]) -> frozenset[str]:
    """The codes of those services, as `_version` reads them, that are not offered today."""
    day = seasons.today()
    return frozenset(code for _pk, code, *_more, start, end in services if not seasons.within(start, end, day))


def catalogue() -> list[ServiceInfo]:
    """The active services as triage knows them."""
    return [
        ServiceInfo(s.code, s.name, s.description, tuple(s.keywords), tuple(s.examples), s.kind, s.emergency_phone)
        for s in Service.objects.filter(active=True).order_by("pk")
    ]


@lru_cache(1)
def _gazetteer(_version: int) -> Gazetteer | None:
    return load_gazetteer()


def gazetteer() -> Gazetteer | None:
    """The gazetteer alone, for processes that read no posts; loaded at the first use and when it changed."""
    return _gazetteer(query("SELECT max(id) FROM geography_gazetteerfile")[0][0] or 0)


def load_gazetteer() -> Gazetteer | None:
    """The newest gazetteer, or None before a city is loaded."""
    newest = GazetteerFile.objects.order_by("-pk").first()
    try:
        return Gazetteer.from_bytes(bytes(newest.data)) if newest else None
    except ValueError:
        # Without places nothing is filed by machine, but everything is still heard, kept and shown to staff.
        logger.error("gazetteer_unreadable", mend="load the city again: openline city load DIR")
        return None


def load_service_model() -> ServiceModel | None:
    """The service model in use, or None: then the reader starts from the catalogue's words."""
    newest = ServiceModelFile.objects.filter(active=True).order_by("-pk").first()
    try:
        return sentences.attached(ServiceModel.from_bytes(bytes(newest.data))) if newest else None
    except ValueError:
        logger.error("service_model_unreadable", mend="starting from the catalogue's words; train again")
        return None


def _load() -> Understanding:
    global _current
    # A batch makes many objects and no cycles: at Python's own threshold, of some hundred objects, looking for them
    # takes a twelfth of all work.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    streets = gazetteer()
    services = {s.code: s for s in Service.objects.filter(active=True).select_related("department")}
    _current = Understanding(
        reader=Reader(catalogue(), streets, load_service_model(), public_numbers()),
        gazetteer=streets,
        services=services,
        kinds={code: s.kind if seasons.in_season(s) else seasons.OUT_OF_SEASON for code, s in services.items()},
        placeless=frozenset(code for code, s in services.items() if not s.needs_place),
        version=_version(),
    )
    # The models are long-lived: keep them out of every later garbage collection.
    gc.collect()
    gc.freeze()
    return _current
