"""The list of neighborhoods, and the page of each. Districts and other areas work the same."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openline.community import following, liaisons, living, members
from openline.foundation.text import clean
from openline.geography.models import Area
from openline.geography.window import SIZE
from openline.portal.feeds import content
from openline.portal.neighborhoods import showing
from openline.portal.neighborhoods.counts import DAYS, Counts, counts


@require_safe
def all_of_them(request: HttpRequest) -> HttpResponse:
    """The areas of a kind, on a map and by name; an address leads to its neighborhood."""
    typed = clean(request.GET.get("at", ""), 200)
    found = living.area_of(typed) if typed else ""
    if found:
        return redirect("portal:neighborhood", found)
    kinds = list(Area.objects.values_list("kind", flat=True).annotate(n=Count("pk")).order_by("kind"))
    kind = request.GET.get("kind", "")
    kind = kind if kind in kinds else living.KIND
    known = counts()
    areas = Area.objects.filter(kind=kind).order_by("name").values_list("code", "name")
    context = {
        "areas": [(code, name, known.get(code, Counts()).open) for code, name in areas],
        "kinds": [(one, _kind(one)) for one in sorted(kinds, key=lambda one: (one != living.KIND, one))],
        "kind": kind,
        "title": _kind(kind),
        "picture": showing.city_picture(kind),
        "size": SIZE,
        "typed": typed,
    }
    return render(request, "portal/neighborhoods/all.html", context)


def _kind(kind: str) -> str:
    """A kind of areas, in words."""
    words = {
        living.KIND: _("Neighborhoods"), "council_district": _("Council districts"), "zip": _("ZIP codes"),
        "police_district": _("Police districts"), "section": _("Sections of the city"),
    }  # fmt: skip
    return words.get(kind) or kind.replace("_", " ").capitalize()


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """What happens in one area."""
    area = get_object_or_404(Area.objects.defer("geometry"), code=code.replace("\x00", "")[:100])
    rows, me = showing.open_ones(area.code), members.current(request)
    language = str(getattr(request, "LANGUAGE_CODE", "en"))
    context = {
        "area": area,
        "kind": _kind(area.kind),
        "rows": rows[: showing.LISTED],
        "done": showing.done(area.code),
        "counts": counts().get(area.code, Counts()),
        "days": DAYS,
        "picture": showing.picture(area, rows),
        "alerts": showing.alerts(area.code, language),
        "topics": showing.topics(area.code),
        "events": showing.events(area.code),
        "liaisons": liaisons.of_area(area.code),
        "articles": showing.articles(area.code, language),
        "followed": following.follows(me, area=area.code),
        "feeds": _feeds(area.code),
        "words": showing.preview(rows[: showing.LISTED]),
    }
    return render(request, "portal/neighborhoods/one.html", context)


def _feeds(code: str) -> list[tuple[str, str, str]]:
    """Title, media type and address of the feeds of an area."""
    atom, feed = "application/atom+xml", "application/feed+json"
    return [
        (_("New requests"), atom, content.address("requests", "atom", "", code)),
        (_("News of requests"), atom, content.address("updates", "atom", "", code)),
        (_("New requests"), feed, content.address("requests", "json", "", code)),
    ]
