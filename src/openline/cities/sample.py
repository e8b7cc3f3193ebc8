"""Whether the sample city is to be loaded: asked at every start, so it brings nothing that reads a city's files."""

from __future__ import annotations

from openline.geography import archive
from openline.geography.models import GazetteerFile
from openline.service_requests.models import Jurisdiction

SAMPLE_ID = "philadelphia.example"


def needed() -> bool:
    """True if the database has no city yet, or the sample city from a version whose gazetteer we cannot read."""
    city = Jurisdiction.objects.first()
    return city is None or (city.jurisdiction_id == SAMPLE_ID and not _readable())


def _readable() -> bool:
    newest = GazetteerFile.objects.order_by("-pk").first()
    return newest is not None and archive.readable(bytes(newest.data))
