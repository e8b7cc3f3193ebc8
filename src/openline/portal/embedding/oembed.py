"""oEmbed 1.0: what another site shows for an address of ours. The form becomes a frame, all else a link.

Personal data: none; a request that is not public is told apart (401) and shown to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openline.files import queries as files
from openline.knowledge.queries import public as public_articles
from openline.portal.contact.forms import ABOUT
from openline.service_requests import public
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.models import ServiceRequest

WIDTH, HEIGHT = 600, 1150
"""Of the form, in pixels: as high as it is when no script can say so."""
_CACHE_SECONDS = 3600
_FORM = re.compile(r"/contact/(?:embed/)?")
_REQUEST = re.compile(r"/requests/([\w-]{1,20})/?")
_ARTICLE = re.compile(r"/articles/([\w-]{1,120})/?")


class Refused(Exception):
    """There is no answer; `status` is the one that the text of oEmbed gives for it (section 2.3.4.3)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@require_safe
def provide(request: HttpRequest) -> HttpResponse:
    """The endpoint: `url`, and `format`, `maxwidth`, `maxheight` where wanted."""
    ending = request.GET.get("format", "json")
    try:
        if ending not in _WRITERS:
            raise Refused(501)
        kind, write = _WRITERS[ending]
        found = _general() | about(request.GET.get("url", ""), _most(request, "maxwidth"), _most(request, "maxheight"))
        answer = HttpResponse(write(found), content_type=kind)
    except Refused as error:
        return HttpResponse(status=error.status, content_type="text/plain")
    answer["Cache-Control"] = f"public, max-age={_CACHE_SECONDS}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _most(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) <= 5 else None


def _general() -> dict[str, Any]:
    return {"version": "1.0", "provider_name": jurisdiction().name, "provider_url": settings.PUBLIC_URL,
            "cache_age": _CACHE_SECONDS}  # fmt: skip


def about(url: str, most_width: int | None = None, most_height: int | None = None) -> dict[str, Any]:
    """What stands at our own address `url`. Raises Refused."""
    try:
        parts = urlsplit(url[:2000])
    except ValueError:
        raise Refused(404) from None
    if f"{parts.scheme}://{parts.netloc}" != settings.PUBLIC_URL:
        raise Refused(404)
    if _FORM.fullmatch(parts.path):
        return _form(parts.query, most_width, most_height)
    if found := _REQUEST.fullmatch(parts.path):
        return _request(found[1])
    if found := _ARTICLE.fullmatch(parts.path):
        article = public_articles().filter(slug=found[1]).first()
        if article:
            return {"type": "link", "title": article.title}
    raise Refused(404)


def _form(query: str, most_width: int | None, most_height: int | None) -> dict[str, Any]:
    width, height = min(WIDTH, most_width or WIDTH), min(HEIGHT, most_height or HEIGHT)
    asked = {name: values[0] for name, values in parse_qs(query).items() if name in ("about", "language", "theme")}
    if asked.get("about", "report") not in dict(ABOUT):
        asked.pop("about")
    frame = f"{settings.PUBLIC_URL}/contact/embed/" + (f"?{urlencode(asked)}" if asked else "")
    title = _("Write to %(city)s") % {"city": jurisdiction().name}
    html = format_html(
        '<blockquote><a href="{}">{}</a></blockquote>'
        '<iframe src="{}" title="{}" width="{}" height="{}" frameborder="0"></iframe>',
        f"{settings.PUBLIC_URL}/contact/", title, frame, title, width, height,
    )  # fmt: skip
    return {"type": "rich", "title": title, "html": str(html), "width": width, "height": height}


def _request(number: str) -> dict[str, Any]:
    found = ServiceRequest.objects.select_related("service").filter(number=number).first()
    if found is None:
        raise Refused(404)
    if not public.requests().filter(pk=found.pk).exists():
        raise Refused(401)
    title = f"{found.number} {found.service.name}" + (f", {found.place_name}" if found.place_name else "")
    photos = files.public_photos([found.pk]).get(found.pk, [])
    if not photos:
        return {"type": "link", "title": title}
    address = files.address(photos[0]).replace("/view/", "/thumbnail/")
    return {"type": "link", "title": title, "thumbnail_url": address, "thumbnail_width": 320, "thumbnail_height": 320}


def _xml(found: Mapping[str, Any]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in found.items():
        ElementTree.SubElement(root, name).text = str(value)
    return b'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n' + ElementTree.tostring(root, encoding="utf-8")


def links(path: str) -> list[tuple[str, str]]:
    """For the head of the page at `path`: media type and address of its oEmbed answers (discovery, section 4)."""
    url = settings.PUBLIC_URL + path
    return [(f"{kind}+oembed", f"{settings.PUBLIC_URL}/oembed/?{urlencode({'url': url, 'format': ending})}")
            for kind, ending in (("application/json", "json"), ("text/xml", "xml"))]  # fmt: skip


_WRITERS: dict[str, tuple[str, Callable[[Mapping[str, Any]], bytes]]] = {
    "json": ("application/json", orjson.dumps),
    "xml": ("text/xml; charset=utf-8", _xml),
}
