"""Topics: opening one, the look that it waits for, and the lists.

A member's topic is public after a look of staff or of the area's liaison, who publish it or refuse it with a published
rule and a reason; the writer is told, and may appeal once. A liaison's own in their area is public at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.channels.enclosing import Enclosed
from openline.community import liaisons, living, moderation, moderation_rules, reading, saying, telling
from openline.community.models import PUBLIC_STATES, CommentState, Member, Topic, TopicKind, TopicState
from openline.foundation.keyset import after
from openline.foundation.text import clean
from openline.geography.models import Area
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import publishing
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest

PAGE = 20
LONGEST_TITLE = 120
MOST_WAITING = 3
"""So many topics of one member may wait for a look at once."""
Decider = User | Member


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event is, in degrees, and the codes of the areas there."""

    name: str
    lat: float
    lon: float
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class New:
    """What a member wants to begin. `area` is "" for the whole city; an event has a beginning, an end and a place."""

    kind: str
    title: str
    text: str
    area: str = ""
    files: Sequence[Enclosed] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: Place | None = None
    request: ServiceRequest | None = None


@transaction.atomic
def begin(new: New, *, by: Member, form: UUID) -> Topic:
    """Open a topic and say its words in its thread; the same form again is the same topic. Raises NotPossible."""
    if found := Topic.objects.filter(form=form, by=by).first():
        return found
    title = publishing.settle(clean(new.title, LONGEST_TITLE), by=None).text[:LONGEST_TITLE]
    area = _area(new)
    _check(new, title, area)
    at_once = bool(area) and area in liaisons.areas_of(by)
    if not at_once and Topic.objects.filter(by=by, state=TopicState.WAITING).count() >= MOST_WAITING:
        raise NotPossible(_("Several of your topics wait for a look already. Please wait until they are public."))
    now, place = timezone.now(), new.place
    topic = Topic.objects.create(
        kind=new.kind, title=title, by=by, area=area, request=new.request, form=form, opened_at=now, changed_at=now,
        state=TopicState.SHOWN if at_once else TopicState.WAITING,
        starts_at=new.starts_at, ends_at=new.ends_at, place_name=place.name[:300] if place else "",
        latitude=place.lat if place else None, longitude=place.lon if place else None,
    )  # fmt: skip
    saying.say(by, topic.thread, new.text, new.files, form=form)
    record(topic, by, "opened")
    return topic


def _area(new: New) -> str:
    """The area that was chosen; of an event or a request, else, the neighborhood in which it lies."""
    lies_in = (new.place.areas if new.place else ()) or (new.request.areas if new.request else ())
    if new.area or not lies_in:
        return new.area
    found = Area.objects.filter(code__in=list(lies_in), kind=living.KIND).values_list("code", flat=True)
    return found.first() or ""


def _check(new: New, title: str, area: str) -> None:
    if not title:
        raise NotPossible(_("Give it a title."))
    if new.kind not in TopicKind.values:
        raise NotPossible(_("Choose what it is."))
    if area and not Area.objects.filter(code=area, kind=living.KIND).exists():
        raise NotPossible(_("Choose a neighborhood."))
    if new.request and not new.request.public:
        raise NotPossible(_("There is no such request."))
    if new.kind == TopicKind.EVENT:
        check_times(new.starts_at, new.ends_at)
        if new.place is None:
            raise NotPossible(_("Say where it is."))


def check_times(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise NotPossible unless an event begins in the future, and ends after that."""
    if starts_at is None or ends_at is None:
        raise NotPossible(_("Say when it begins and when it ends."))
    if starts_at < timezone.now():
        raise NotPossible(_("The beginning lies in the past."))
    if ends_at <= starts_at:
        raise NotPossible(_("The end has to come after the beginning."))


@transaction.atomic
def publish(pk: int, *, by: Decider) -> Topic:
    """Let everybody see a topic that waits, or one that was refused and appealed."""
    topic = to_decide(pk, by)
    _set(topic, TopicState.SHOWN, by)
    _let_stand(topic, by)
    record(topic, by, "published")
    telling.tell([topic.by], f"topic:{topic.pk}:shown:{topic.version}", lambda: (
        _("Your topic is public"), [_("“%(title)s” is public now: %(link)s") % _facts(topic)]))  # fmt: skip
    return topic


def _let_stand(topic: Topic, by: Decider) -> None:
    """Staff have read its words: what a machine held of them is held no more. Photos wait for a look of their own."""
    [words] = reading.first_words([topic])
    if isinstance(by, User) and words and words.state == CommentState.WAITING and not words.message.media:
        moderation.show(words.pk, by=by)


@transaction.atomic
def refuse(pk: int, rule: str, why: str, *, by: Decider) -> Topic:
    """Do not publish a topic, by a published rule and with a reason; its writer is told both."""
    topic, why = to_decide(pk, by), clean(why, 300)
    if rule not in dict(rules()):
        raise NotPossible(_("Choose the rule that it breaks."))
    if not why:
        raise NotPossible(_("Say why, for who wrote it."))
    final = bool(topic.appeal)
    topic.rule, topic.why = rule, why
    _set(topic, TopicState.REFUSED, by)
    record(topic, by, "refused", rule=rule, why=why)
    telling.tell([topic.by], f"topic:{topic.pk}:refused:{int(final)}", lambda: _refusal(topic, final))
    return topic


def _refusal(topic: Topic, final: bool) -> tuple[str, list[str]]:
    """What its writer is told; the first time, that they may appeal."""
    facts = _facts(topic) | {"rule": dict(rules())[topic.rule], "why": topic.why}
    words = [_("“%(title)s” was not published. Rule: %(rule)s. %(why)s") % facts]
    if not final:
        words.append(_("You can say once why you see it differently: %(link)s") % facts)
    return _("Your topic was not published"), words


@transaction.atomic
def appeal(pk: int, words: str, *, by: Member) -> Topic:
    """Say why a refused topic should be public, once; staff look at it again, not the liaison."""
    topic, words = locked(pk), clean(words, 500)
    if topic.by_id != by.pk:
        raise NotPossible(_("Only who wrote it can appeal."))
    if topic.state != TopicState.REFUSED or topic.appeal:
        raise NotPossible(_("This was appealed already, or is public."))
    if not words:
        raise NotPossible(_("Say why you see it differently."))
    topic.appeal, topic.appealed_at, topic.state = words, timezone.now(), TopicState.WAITING
    topic.save(update_fields=["appeal", "appealed_at", "state"])
    record(topic, by, "appealed", words=words)
    return topic


@transaction.atomic
def close(pk: int, why: str, *, by: User) -> Topic:
    """End a public topic: it can be read, and nobody writes there any more. Everybody reads why; its writer is told."""
    topic = locked(pk)
    if topic.state != TopicState.SHOWN:
        raise NotPossible(_("Only a public topic can be closed."))
    moderation.close(topic.thread, why, by=by)
    _set(topic, TopicState.CLOSED, by)
    record(topic, by, "closed", why=clean(why, 300))
    telling.tell([topic.by], f"topic:{topic.pk}:closed:{topic.version}", lambda: _closing(topic))
    return topic


def _closing(topic: Topic) -> tuple[str, list[str]]:
    words = [_("“%(title)s” is closed and stays to be read: %(link)s") % _facts(topic)]
    return _("Your topic is closed"), words


def to_decide(pk: int, by: Decider) -> Topic:
    """The topic, locked, if `by` may decide about it now. Raises NotPossible."""
    topic = locked(pk)
    if topic.state != TopicState.WAITING:
        raise NotPossible(_("Somebody has looked at this already."))
    if isinstance(by, Member):
        liaisons.needed(by, [topic.area] if topic.area else [])
        if topic.appeal or topic.by_id == by.pk:
            raise NotPossible(_("Only the city's staff decide about that."))
    return topic


def locked(pk: int) -> Topic:
    """The topic, locked for this transaction."""
    found = Topic.objects.select_for_update(of=("self",)).select_related("by").filter(pk=pk).first()
    if found is None:
        raise NotPossible(_("There is no such topic."))
    return found


def _set(topic: Topic, state: TopicState, by: Decider) -> None:
    topic.state, topic.changed_at = state, timezone.now()
    topic.decided_by = by if isinstance(by, User) else None
    topic.save(update_fields=["state", "changed_at", "decided_by", "rule", "why"])


def _facts(topic: Topic) -> dict[str, str]:
    return {"title": topic.title, "link": telling.address(f"/topics/{topic.pk}/")}


def record(topic: Topic, by: Decider | None, what: str, **more: object) -> None:
    """Put on the record what was done with a topic."""
    actor = by.get_username() if isinstance(by, User) else by.author if by else "openline"
    body = {"what": f"topic {what}", "topic": topic.pk, "kind": topic.kind, "title": topic.title, **more}
    log.write([log.Entry(Kind.CHANGED, actor, request_id=topic.request_id, body=body)])


def rules() -> list[tuple[str, str]]:
    """The published rules by which something is not published: code and words."""
    return moderation_rules.choices()


def public() -> QuerySet[Topic]:
    """What everybody may see: public topics and closed ones."""
    return Topic.objects.filter(state__in=PUBLIC_STATES).select_related("by", "request")


def visible(member: Member | None) -> QuerySet[Topic]:
    """What the member may see: the public ones, their own, and what waits in the areas for which they are a liaison."""
    if member is None:
        return public()
    shown = Topic.objects.filter(state__in=PUBLIC_STATES) | Topic.objects.filter(by=member)
    if areas := liaisons.areas_of(member):
        shown |= Topic.objects.filter(state=TopicState.WAITING, area__in=areas)
    return shown.select_related("by", "request")


def newest(found: QuerySet[Topic], key: tuple[datetime, int] | None = None) -> QuerySet[Topic]:
    """`found`, newest first; with the key of a row, only what follows it."""
    ordered = found.order_by("-opened_at", "-id")
    return ordered.filter(after(("opened_at", "id"), key)) if key else ordered


def waiting() -> QuerySet[Topic]:
    """What waits for a look, oldest first."""
    return Topic.objects.filter(state=TopicState.WAITING).select_related("by", "request").order_by("opened_at", "id")
