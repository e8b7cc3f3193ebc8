"""Feeds of alerts: for readers (Atom, RSS, JSON Feed), and for programs (Atom whose entries lead to CAP messages)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.text import clean
from openline.portal.feeds.content import Entry, Feed
from openline.publishing.alerts import cap, spreading, texts
from openline.publishing.alerts.current import in_language
from openline.publishing.models import AlertEdition
from openline.service_requests.jurisdiction import jurisdiction

MOST = 50
SINCE = timedelta(days=30)
_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def links() -> list[tuple[str, str]]:
    """Names and addresses of the feeds."""
    names = {"Atom": "feed.atom", "RSS": "feed.rss", "JSON Feed": "feed.json", "CAP 1.2": "cap.atom"}
    return [(name, f"{settings.PUBLIC_URL}/alerts/{ending}") for name, ending in names.items()]


def newest() -> list[AlertEdition]:
    """The editions of late, newest first. Exercises are for nobody outside."""
    found = AlertEdition.objects.filter(alert__drill=False, at__gte=timezone.now() - SINCE).select_related("alert")
    return list(found.order_by("-at", "-id")[:MOST])


def readers(ending: str) -> Feed:
    """The feed for readers, in the city's own language where the alert has it."""
    title = f"{jurisdiction().name}: {_('Alerts')}"
    entries = tuple(_entry(edition) for edition in newest())
    return Feed(title, f"{settings.PUBLIC_URL}/alerts/feed.{ending}", f"{settings.PUBLIC_URL}/alerts/", entries)


def _entry(edition: AlertEdition) -> Entry:
    said = in_language(edition, settings.LANGUAGE_CODE)
    where = f"{spreading.address(edition.alert_id)}#edition-{edition.number}"
    text = texts.whole(edition.texts[said.lang])
    return Entry(where, said.headline, where, text, edition.at, edition.at, edition.alert.event, None, None)


def programs() -> tuple[bytes, float | None]:
    """The feed of CAP messages (RFC 4287), and when it last changed."""
    found, home = newest(), f"{settings.PUBLIC_URL}/alerts/"
    root = ElementTree.Element("feed", {"xmlns": _ATOM})
    _add(root, "id", f"{home}cap.atom")
    _add(root, "title", f"{jurisdiction().name}: {_('Alerts')} (CAP 1.2)")
    _add(root, "updated", cap.stamp(max((one.at for one in found), default=_NEVER)))
    _add(ElementTree.SubElement(root, "author"), "name", jurisdiction().name)
    _link(root, "self", f"{home}cap.atom", "application/atom+xml")
    _link(root, "alternate", home, "text/html")
    for edition in found:
        _message(root, edition, home)
    ElementTree.indent(root)
    written = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8") + b"\n"
    return written, max((one.at.timestamp() for one in found), default=None)


def _message(root: ElementTree.Element, edition: AlertEdition, home: str) -> None:
    entry, said = ElementTree.SubElement(root, "entry"), in_language(edition, settings.LANGUAGE_CODE)
    _add(entry, "id", f"{home}cap/{edition.pk}.xml")
    _add(entry, "title", said.headline)
    _add(entry, "published", cap.stamp(edition.at))
    _add(entry, "updated", cap.stamp(edition.at))
    _add(entry, "summary", said.text or said.headline)
    ElementTree.SubElement(entry, "category", {"term": edition.alert.category})
    _link(entry, "alternate", f"{home}cap/{edition.pk}.xml", cap.MEDIA_TYPE)
    _link(entry, "related", spreading.address(edition.alert_id), "text/html")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = clean(text).translate({0xFFFE: None, 0xFFFF: None})


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": rel, "href": href, "type": kind})
