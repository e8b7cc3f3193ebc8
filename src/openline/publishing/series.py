"""Posts that repeat: written once, made ahead each day, changed for one or for all that follow, ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.publishing import repeating, scheduling, speaking, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import OnHoliday, Post, Series
from openline.publishing.repeating import Occurrence, Rhythm, Zone
from openline.publishing.states import PostState
from openline.records import log
from openline.records.models import Kind as RecordKind
from openline.service_requests import languages
from openline.service_requests.jurisdiction import jurisdiction

MOST_WEEKS = 26
MOST_AREAS = 200
OWN_VALUES = ("area", "date", "weekday")
"""What every post of a series knows of itself: {area}, {date}, {weekday}."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a person writes of a series."""

    name: str
    content: Content
    rule: str
    starts_on: date
    at: time
    ends_on: date | None = None
    days_before: int = 0
    zones: tuple[Zone, ...] = ()
    holidays: str = OnHoliday.KEEP
    weeks_ahead: int = 4

    def rhythm(self, time_zone: str = "") -> Rhythm:
        """When it happens; in the city's zone if none is named."""
        zone = time_zone or jurisdiction().time_zone
        return Rhythm(
            self.rule, self.starts_on, self.at, zone, self.ends_on, self.days_before, self.zones or (Zone(),),
            self.holidays,
        )  # fmt: skip


def plan_of(series: Series) -> Plan:
    """What a series holds now."""
    zones = tuple(Zone(**area) for area in series.areas)
    return Plan(
        series.name, Content.from_json(series.content), series.rule, series.starts_on, series.at, series.ends_on,
        series.days_before, zones, series.holidays, series.weeks_ahead,
    )  # fmt: skip


def preview(plan: Plan, count: int = 12) -> list[Occurrence]:
    """The next `count` posts that it would make. Raises NotPossible if the plan is not complete."""
    check(plan)
    return repeating.coming(plan.rhythm(), count, timezone.now())


def check(plan: Plan) -> None:
    """Raises NotPossible, naming the field, on what cannot become posts."""
    if not plan.name.strip():
        raise NotPossible(_("Give the series a name."), "name")
    for zone in plan.zones or (Zone(),):
        repeating.rule_of(zone.rule or plan.rule, plan.starts_on)
        _check_filled(plan, zone)
    if plan.ends_on and plan.ends_on < plan.starts_on:
        raise NotPossible(_("It ends before it begins."), "ends_on")
    if not 1 <= plan.weeks_ahead <= MOST_WEEKS or plan.days_before > 30 or len(plan.zones) > MOST_AREAS:
        raise NotPossible(_("At most 26 weeks ahead, 30 days before, and 200 areas."), "weeks_ahead")


def _check_filled(plan: Plan, zone: Zone) -> None:
    known = {*OWN_VALUES, *zone.values}
    for words in plan.content.texts.values():
        missing = repeating.unfilled(" ".join((words.text, words.title, words.body, words.first_comment)), known)
        if missing:
            words_missing = {"name": "{" + missing[0] + "}", "area": zone.name or _("the city")}
            raise NotPossible(_("%(name)s has no value for %(area)s.") % words_missing, "areas")


@transaction.atomic
def create(plan: Plan, *, by: User, follows: Series | None = None) -> Series:
    """Begin a series and make its first posts. Raises NotPossible."""
    speaking.check(by, plan.content)
    check(plan)
    series = Series(written_by=by, created_at=timezone.now(), time_zone=jurisdiction().time_zone, follows=follows)
    _write(series, plan)
    _record(series, by, "series begun")
    make(series.pk)
    return Series.objects.get(pk=series.pk)


@transaction.atomic
def change(series_id: UUID, plan: Plan, since: date, *, by: User, seen: int) -> Series:
    """Change it from the day `since` on: the series ends before, and a new one goes on with `plan`.

    Posts of the old one from then on that are not out are cancelled, also those that were changed by themselves; the
    new ones ask for their approval again. Raises Conflict or NotPossible.
    """
    series = _locked(series_id, by)
    if series.version != seen:
        raise Conflict(_("Somebody else changed this series meanwhile. Load it again."))
    if since < timezone.now().astimezone(ZoneInfo(series.time_zone)).date():
        raise NotPossible(_("What is past cannot be changed: choose today or later."), "since")
    _end(series, since, by)
    return create(replace(plan, starts_on=_first(plan, since)), by=by, follows=series)


def _first(plan: Plan, since: date) -> date:
    """The first day from `since` on that a rule names: every other week stays the same week."""
    if plan.starts_on >= since:
        return plan.starts_on
    start = datetime.combine(since, time())
    rules = {zone.rule or plan.rule for zone in plan.zones or (Zone(),)}
    following = [repeating.rule_of(rule, plan.starts_on).after(start, inc=True) for rule in rules]
    return min((one.date() for one in following if one), default=since)


@transaction.atomic
def end(series_id: UUID, since: date, *, by: User) -> Series:
    """Let it end before the day `since`; its posts from then on that are not out are cancelled."""
    series = _locked(series_id, by)
    _end(series, since, by)
    return series


def make_all() -> int:
    """Make what is to be made of every series, each in a transaction of its own; returns how many posts."""
    return sum(len(make(pk)) for pk in Series.objects.filter(active=True).values_list("pk", flat=True))


@transaction.atomic
def make(series_id: UUID) -> list[Post]:
    """Make the posts of one series that are due to be made, each once by its day and area."""
    series = Series.objects.select_for_update(of=("self",)).get(pk=series_id)
    if not series.active:
        return []
    now = timezone.now()
    today = now.astimezone(ZoneInfo(series.time_zone)).date()
    until = today + timedelta(weeks=series.weeks_ahead)
    plan = plan_of(series)
    there = set(series.posts.filter(occurs_on__gte=today - timedelta(days=7)).values_list("occurs_on", "series_area"))
    wanted = repeating.occurrences(plan.rhythm(series.time_zone), today - timedelta(days=7), until)
    todo = [o for o in wanted if o.on and o.leave_at > now and (o.day, o.zone.code) not in there]
    made, series.problem = _make(series, plan, todo)
    series.made_until = until
    series.active = not (series.ends_on and series.ends_on < today)
    series.save(update_fields=["problem", "made_until", "active"])
    return made


def _make(series: Series, plan: Plan, todo: list[Occurrence]) -> tuple[list[Post], str]:
    """Write the posts and hand them in; what keeps them from that is told in words, and they stay drafts."""
    by, problem = series.written_by, ""
    made: list[Post] = []
    if by is None or not by.is_active:
        return [], _("Nobody answers for this series any more: a person has to change it and save it.") if todo else ""
    for one in todo:
        try:
            with transaction.atomic():
                content = filled(plan.content, one)
                post = writing.create(content, by=by, series=series, occurs_on=one.day, series_area=one.zone.code)
        except NotPossible as error:
            return made, str(error)
        made.append(post)
        problem = _hand_in(post, one.leave_at, by) or problem
    return made, problem


def _hand_in(post: Post, at: datetime, by: User) -> str:
    try:
        with transaction.atomic():
            scheduling.hand_in(post.pk, at, by=by)
    except NotPossible as error:
        Post.objects.filter(pk=post.pk).update(leave_at=at)  # a draft in its place of the calendar
        return str(error)
    return ""


def filled(content: Content, one: Occurrence) -> Content:
    """The content of one post: the values of its area and day are filled into all texts."""
    texts = {language: _fill(words, language, one) for language, words in content.texts.items()}
    forms = tuple(_fill_form(form, one) for form in content.forms)
    areas = (one.zone.code,) if one.zone.code else content.areas
    name = f"{content.name}: {one.zone.name}"[:200] if one.zone.name and content.name else content.name
    return replace(content, texts=texts, forms=forms, areas=areas, name=name)


def _fill(words: Words, language: str, one: Occurrence) -> Words:
    values = _values(language, one)
    return Words(*(repeating.fill(text, values) for text in (words.text, words.title, words.body, words.first_comment)))


def _fill_form(form: Form, one: Occurrence) -> Form:
    values = _values(form.language, one)
    text, title, comment = (
        None if words is None else repeating.fill(words, values)
        for words in (form.text, form.title, form.first_comment)
    )
    return replace(form, text=text, title=title, first_comment=comment, leave_at=None)


def _values(language: str, one: Occurrence) -> dict[str, str]:
    day = one.on or one.day
    with languages.speaking(language):
        own = {"date": languages.day_in_words(day), "weekday": languages.weekday(day)}
    return {"area": one.zone.name, **own, **one.zone.values}


def _end(series: Series, since: date, by: User) -> None:
    series.ends_on = min(since - timedelta(days=1), series.ends_on or date.max)
    series.active = series.ends_on >= datetime.now(UTC).date()
    series.version += 1
    series.save(update_fields=["ends_on", "active", "version"])
    left = series.posts.filter(occurs_on__gte=since, state__in=writing.CHANGEABLE).order_by("pk")
    for pk in left.values_list("pk", flat=True):
        writing.cancel(pk, by=by, reason=_("The series was changed or ended."))
    _record(series, by, "series ended", ends_on=series.ends_on)


def _write(series: Series, plan: Plan) -> None:
    for name in ("name", "rule", "starts_on", "at", "ends_on", "days_before", "holidays", "weeks_ahead"):
        setattr(series, name, getattr(plan, name))
    series.content = plan.content.as_json()
    series.areas = [
        {"code": zone.code, "name": zone.name, "values": dict(zone.values), "rule": zone.rule} for zone in plan.zones
    ]
    series.save()


def _locked(series_id: UUID, by: User) -> Series:
    series = Series.objects.select_for_update(of=("self",)).filter(pk=series_id).first()
    if series is None or not series.active:
        raise NotPossible(_("This series has ended."))
    speaking.check(by, Content.from_json(series.content))
    return series


def _record(series: Series, by: User, what: str, **facts: object) -> None:
    body = {"what": what, "series": series.pk, "name": series.name, "rule": series.rule, **facts}
    log.write([log.Entry(RecordKind.CHANGED, by.get_username(), body=body)])


def upcoming(series: Series) -> list[Post]:
    """Its posts that are not out yet, the next first."""
    return list(series.posts.exclude(state__in=[PostState.OUT, PostState.CANCELLED]).order_by("leave_at")[:50])
