"""How the console shows time, promises, people and icons."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import uuid4

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from openline.channels.base import Capabilities
from openline.channels.registry import channels
from openline.console import answers, seen
from openline.console.composing.showing import MediaRow
from openline.console.forms import PART_ROWS
from openline.console.once import Problem
from openline.geography.models import Area
from openline.inbox.models import Message
from openline.publishing import listing
from openline.publishing.models import Post
from openline.service_requests import callers
from openline.service_requests.jurisdiction import local, zone_if_twice
from openline.service_requests.languages import hour
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.publishing import PersonalFound
from openline.service_requests.queries import is_overdue
from openline.service_requests.questions import Stop
from openline.service_requests.states import Outcome, Status, reason_label

register = template.Library()
_WEEK = timedelta(days=6)
_AREAS_SECONDS = 60


@register.simple_tag
def client_id() -> SafeString:
    """The hidden field that makes a form sent twice be done once."""
    return format_html('<input type="hidden" name="client_id" value="{}">', uuid4())


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture from the USWDS sprite; decoration only, the words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/uswds/img/sprite.svg"),
        name,
    )


@register.filter
def stretches(message: Message) -> list[seen.Stretch]:
    """The text of an assessed message with what decided marked."""
    return seen.stretches(message.text, message.assessment)


@register.filter
def reasons(message: Message) -> list[seen.Why]:
    """Why a message was read so, step by step."""
    return seen.reasons(message)


@register.filter
def changeable(message: Message, network: str) -> Capabilities | None:
    """What can be done to our message on its network, now that it is said."""
    channel = channels().get(network)
    return channel.capabilities_of_post(message.network_id, message.visibility == "private") if channel else None


@register.filter
def personal_parts(problem: PersonalFound) -> list[seen.Stretch]:
    """A text about to be published with the personal data in it marked."""
    return list(seen.cut(problem.text, [(one.start, one.end, "personal") for one in problem.found]))


@register.filter
def personal_kinds(problem: PersonalFound) -> list[tuple[str, str]]:
    """What was found, as written, with why it counts as personal."""
    return [(problem.text[one.start : one.end], str(seen.PERSONAL.get(one.kind, one.kind))) for one in problem.found]


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """`moment` as people say it, with the exact time on hover."""
    return _time(moment, _ago(moment)) if moment else SafeString("")


def _ago(moment: datetime) -> str:
    passed = timezone.now() - moment
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    if minutes < 24 * 60:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", minutes // 60) % {"n": minutes // 60}
    if passed.days < 7:
        return ngettext("%(n)d day ago", "%(n)d days ago", passed.days) % {"n": passed.days}
    return day(moment)


@register.filter
def reason_words(request: ServiceRequest) -> str:
    """Why a request stands where it stands, in words."""
    return reason_label(request.status, request.reason)


@register.filter
def due(request: ServiceRequest) -> SafeString:
    """The promise of a request in words: "due Thursday 5 pm", "overdue since Monday", or that there is none."""
    if request.closed_at:
        return format_html("{} {}", _("closed"), ago(request.closed_at))
    if request.due_at is None:
        return SafeString(_("no promised date"))
    if is_overdue(request):
        return _time(request.due_at, _("overdue since %(day)s") % {"day": _near_day(request.due_at)})
    return _time(
        request.due_at, _("due %(day)s %(hour)s") % {"day": _near_day(request.due_at), "hour": hour(request.due_at)}
    )


def _near_day(moment: datetime) -> str:
    """The day's name within a week, otherwise its date."""
    near = abs(moment - timezone.now()) <= _WEEK
    return formats.date_format(local(moment), "l") if near else day(moment)


def day(moment: datetime) -> str:
    """A date without what is clear anyway: "Nov 3", "Nov 3, 2025" in another year."""
    here = local(moment)
    return formats.date_format(here, "M j" if here.year == local(timezone.now()).year else "M j, Y")


def _time(moment: datetime, text: str) -> SafeString:
    here = local(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        here.isoformat(timespec="seconds"),
        formats.date_format(here, "l, F j, Y, H:i"),
        text,
    )


@register.filter
def exact(moment: datetime | None) -> SafeString:
    """`moment` with date and time, for histories."""
    if moment is None:
        return SafeString("")
    return _time(moment, f"{formats.date_format(local(moment), 'M j, H:i')} {zone_if_twice(moment)}".rstrip())


@register.filter
def network_label(network: str) -> str:
    """The network's own name, whatever its channel is called here."""
    channel = channels().get(network)
    return channel.label if channel else network


@register.filter
def percent(value: object) -> str:
    """A confidence between 0 and 1 as people read it."""
    return f"{round(float(value) * 100)}%" if isinstance(value, int | float) else ""


@register.filter
def percent1(value: object) -> str:
    """A share between 0 and 1 with one decimal, as figures are compared."""
    return f"{formats.localize(round(100 * float(value), 1))} %" if isinstance(value, int | float) else ""


@register.filter
def service_name(code: str) -> str:
    """The name of a service, given as code; a code that is not known (any more) stands for itself."""
    return _service_names(int(time.monotonic() // _AREAS_SECONDS)).get(code, code)


@lru_cache(maxsize=1)
def _service_names(moment: int) -> dict[str, str]:
    """All services of the catalogue, by code; read again after a minute."""
    return dict(Service.objects.values_list("code", "name"))


@register.filter
def signed(points: float) -> str:
    """A difference in percentage points with its sign."""
    return ("+" if points > 0 else "−" if points < 0 else "±") + str(formats.localize(abs(round(points, 1))))


_TRAINING_STATES = {
    "in_use": gettext_lazy("in use"),
    "earlier": gettext_lazy("was in use"),
    "put_aside": gettext_lazy("put aside by a person"),
    "not_better": gettext_lazy("not better, not used"),
    "problem": gettext_lazy("came to nothing"),
}


@register.filter
def training_state(state: str) -> str:
    """What became of a training."""
    return str(_TRAINING_STATES.get(state, state))


@register.filter
def hundredths(value: object) -> str:
    """A share between 0 and 1 as hundredths with a point, whatever the language: for pictures."""
    return f"{100 * float(value):.1f}" if isinstance(value, int | float) else "0"


@register.filter
def kilometres(metres: float) -> str:
    """A distance in kilometres, as exact as one drives."""
    return formats.number_format(metres / 1000, 1)


@register.filter
def overdue(request: ServiceRequest) -> bool:
    """True if the request is past its promise."""
    return is_overdue(request)


@register.filter
def person(user: object) -> str:
    """A member of staff by name, or by user name."""
    full = getattr(user, "get_full_name", str)()
    return full or getattr(user, "username", "")


@register.filter
def area_names(codes: Sequence[str]) -> str:
    """The names of areas, given as codes; a code that is not known (any more) stands for itself."""
    names = _area_names(int(time.monotonic() // _AREAS_SECONDS))
    return ", ".join(names.get(code, code) for code in codes)


@register.filter
def source_name(source: str) -> str:
    """How a request reached the city, in words."""
    return callers.source_name(source)


@register.filter
def area_name(code: str) -> str:
    """The name of one area."""
    return area_names([code])


@lru_cache(maxsize=1)
def _area_names(moment: int) -> dict[str, str]:
    """All areas of the city, by code; read again after a minute."""
    return dict(Area.objects.values_list("code", "name"))


@register.filter
def web(address: object) -> bool:
    """True for an address that a browser may open from our page: http or https, nothing else."""
    return isinstance(address, str) and address.startswith(("https://", "http://"))


@register.filter
def status_name(value: str) -> str:
    """The name of a request's state."""
    return str(dict(Status.choices).get(value, value))


@register.filter
def outcome_name(value: str) -> str:
    """The name of a request's outcome."""
    return str(dict(Outcome.choices).get(value, value))


@register.simple_tag
def answer_fields(request: ServiceRequest, problem: Problem | None, form: str) -> list[answers.Field]:
    """The questions of the request's service, with what was typed if `form` was just refused."""
    return answers.fields(request, problem.typed if problem and problem.form == form else None)


@register.simple_tag
def split_rows(problem: Problem | None, form: str) -> list[tuple[int, str, str]]:
    """The rows of the form that splits a request: number, service and text as typed if it was just refused."""
    typed = problem.typed if problem and problem.form == form else {}
    return [(row, typed.get(f"service_{row}", ""), typed.get(f"text_{row}", "")) for row in range(PART_ROWS)]


@register.simple_tag
def answer_stop(request: ServiceRequest) -> Stop | None:
    """Who helps instead, if an answer of the request says so."""
    return answers.stopped(request)


@register.filter
def duration(seconds: float | None) -> str:
    """How long something took, in one unit; a dash if it is not known."""
    if seconds is None:
        return "–"
    if seconds < 90 * 60:
        n = max(1, round(seconds / 60))
        return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
    if seconds < 36 * 3600:
        n = round(seconds / 3600)
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    n = round(seconds / 86400)
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


@register.filter
def feeling(value: float | None) -> str:
    """The mean sentiment of replies in a word: for insight only."""
    if value is None:
        return "–"
    return _("friendly") if value > 0.1 else _("unfriendly") if value < -0.1 else _("neutral")


@register.filter
def clock(moment: datetime | str | None) -> str:
    """A moment as a field of day and time takes it, by the city's clocks; what was typed stays as it is."""
    if isinstance(moment, str):
        return moment
    return local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


@register.filter
def crop(row: MediaRow) -> str:
    """Which part of a picture a narrow frame shows, as SVG says it: the third in which the focus lies."""
    across, upwards = ("Min" if one < -33 else "Max" if one > 33 else "Mid" for one in (row.focus[0], -row.focus[1]))
    return f"x{across}Y{upwards}"


@register.filter
def first_words(post: Post) -> str:
    """What a post is called in a list."""
    return listing.first_words(post) or str(post.get_kind_display())
