"""An edition of an alert as a message of the Common Alerting Protocol 1.2 (OASIS Standard, July 2010).

Section 3.2 has the elements in their order; the schema of its section 3.4 takes them in no other. Times carry a
numeric offset and no "Z" (3.3.2); an update or a cancel refers to all earlier messages of the alert (3.2.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from xml.etree import ElementTree

from openline.foundation.text import clean
from openline.geography.models import Area
from openline.publishing.alerts.places import corners, rings
from openline.publishing.alerts.spreading import address
from openline.publishing.models import AlertEdition
from openline.service_requests.jurisdiction import jurisdiction, local

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
_NO_XML = {0xFFFE: None, 0xFFFF: None}


def identifier(edition: AlertEdition) -> str:
    """Unique for this sender; no spaces, commas or special characters (3.2.1)."""
    return f"openline-{edition.pk}"


def sender() -> str:
    """Who sends, unique in the world: the city's own name on the net."""
    return jurisdiction().jurisdiction_id


def stamp(at: datetime) -> str:
    """A time with its offset, to the second (3.3.2)."""
    return local(at).replace(microsecond=0).isoformat()


def write(edition: AlertEdition, earlier: Sequence[AlertEdition]) -> bytes:
    """The message, as UTF-8. `earlier` are the editions before this one, oldest first."""
    root = ElementTree.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", identifier(edition))
    _add(root, "sender", sender())
    _add(root, "sent", stamp(edition.at))
    _add(root, "status", "Exercise" if edition.alert.drill else "Actual")
    _add(root, "msgType", edition.message_type)
    _add(root, "scope", "Public")
    if edition.alert.drill:
        _add(root, "note", "This is an exercise.")
    _add(root, "references", " ".join(f"{sender()},{identifier(one)},{stamp(one.at)}" for one in earlier))
    areas = list(Area.objects.filter(code__in=edition.areas).order_by("name"))
    for language in edition.texts:
        _info(root, edition, language, areas)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8") + b"\n"


def _info(root: ElementTree.Element, edition: AlertEdition, language: str, areas: Iterable[Area]) -> None:
    said, info = edition.texts[language], ElementTree.SubElement(root, "info")
    _add(info, "language", language)
    _add(info, "category", edition.alert.category)
    _add(info, "event", edition.alert.event)
    _add(info, "responseType", edition.response)
    _add(info, "urgency", edition.urgency)
    _add(info, "severity", edition.severity)
    _add(info, "certainty", edition.certainty)
    _add(info, "effective", stamp(edition.at))
    _add(info, "onset", stamp(edition.onset) if edition.onset else "")
    _add(info, "expires", stamp(edition.expires_at))
    _add(info, "senderName", jurisdiction().name)
    _add(info, "headline", said["headline"])
    _add(info, "description", said.get("text", ""))
    _add(info, "instruction", said.get("instruction", ""))
    _add(info, "web", address(edition.alert_id))
    _area(info, edition, areas)


def _area(info: ElementTree.Element, edition: AlertEdition, areas: Iterable[Area]) -> None:
    """One area block: its words, then all outlines, then all codes (3.2.4)."""
    area = ElementTree.SubElement(info, "area")
    _add(area, "areaDesc", edition.area)
    areas = list(areas)
    if edition.polygon:
        _add(area, "polygon", corners(edition.polygon))
    for one in [] if edition.polygon else areas:
        for ring in rings(one.geometry):
            _add(area, "polygon", corners(ring))
    for one in areas:
        geocode = ElementTree.SubElement(area, "geocode")
        _add(geocode, "valueName", one.kind)
        _add(geocode, "value", one.code)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    """One element; an empty one is left out."""
    if text:
        ElementTree.SubElement(parent, name).text = clean(text).translate(_NO_XML)
