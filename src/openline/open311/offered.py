"""The services that everybody may ask for, with their questions; each read again only when it changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from openline.foundation.bulk import query
from openline.service_requests import seasons
from openline.service_requests.models import Service, ServiceAttribute, ServiceKind

# A row's place (ctid) and the transaction that wrote it (xmin) are others after every change of it.
_STAMP = """SELECT s.id, s.ctid::text, s.xmin::text,
  (SELECT string_agg(concat_ws(':', a.id, a.ctid, a.xmin), ' ' ORDER BY a.id)
   FROM service_requests_serviceattribute a WHERE a.service_id = s.id)
FROM service_requests_service s WHERE s.code = %s AND s.active AND s.public AND s.kind = 'request'"""


@dataclass(frozen=True, slots=True)
class Offered:
    """A service and its questions, in their order."""

    service: Service
    attributes: list[ServiceAttribute]


_known: dict[str, tuple[object, Offered]] = {}


def services() -> QuerySet[Service]:
    """All of them that are in season."""
    return Service.objects.filter(seasons.offered(), active=True, public=True, kind=ServiceKind.REQUEST)


def offered(code: str) -> Offered | None:
    """The one with this code, in season or not; None if there is none. One query unless it changed since."""
    stamp = query(_STAMP, [code])
    if not stamp:
        return None
    known = _known.get(code)
    if known is None or known[0] != stamp:
        service = Service.objects.prefetch_related("attributes").filter(code=code).first()
        if service is None:  # gone meanwhile
            return None
        known = _known[code] = stamp, Offered(service, list(service.attributes.all()))
    return known[1]
