"""Ideas: who supports one, when it deserves an answer, and the city's official answer."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from openline.community import telling, topics
from openline.community.models import (
    PUBLIC_STATES,
    Member,
    Participation,
    Progress,
    Support,
    Topic,
    TopicKind,
    TopicState,
)
from openline.foundation.keyset import after
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import publishing
from openline.service_requests.actions import NotPossible

STANDARD = 50
TELL = "openline.community.tell_of_answer"


def needed() -> int:
    """So many supporters an idea needs to deserve an answer."""
    found = Participation.objects.order_by("pk").first()
    return found.support_needed if found else STANDARD


@transaction.atomic
def set_needed(number: int, *, by: User) -> None:
    """Choose how many. Raises NotPossible for a number that makes no sense."""
    if not 1 <= number <= 100_000:
        raise NotPossible(_("Give a number from 1 to 100,000."))
    found = Participation.objects.order_by("pk").first() or Participation()
    found.support_needed = number
    found.save()
    body = {"what": "support needed", "number": number}
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body=body)])


@transaction.atomic
def support(pk: int, *, by: Member) -> bool:
    """Support an idea; False if the member does so already. Raises NotPossible."""
    topic = topics.locked(pk)
    if topic.kind != TopicKind.IDEA or topic.state != TopicState.SHOWN:
        raise NotPossible(_("This cannot be supported any more."))
    return add(topic, by)


@transaction.atomic
def take_back(pk: int, *, by: Member) -> bool:
    """Support an idea no longer; False if the member did not."""
    return remove(topics.locked(pk), by)


def add(topic: Topic, member: Member) -> bool:
    """Count the member in with the locked topic, once."""
    _row, new = Support.objects.get_or_create(topic=topic, member=member, defaults={"at": timezone.now()})
    if new:
        Topic.objects.filter(pk=topic.pk).update(supporters=F("supporters") + 1)
    return new


def remove(topic: Topic, member: Member) -> bool:
    """Count the member no longer."""
    gone, _by = Support.objects.filter(topic=topic, member=member).delete()
    if gone:
        Topic.objects.filter(pk=topic.pk).update(supporters=F("supporters") - 1)
    return bool(gone)


def forget(member: Member) -> None:
    """Count the member in nowhere any more: they leave."""
    Topic.objects.filter(supports__member=member).update(supporters=F("supporters") - 1)
    Support.objects.filter(member=member).delete()


def supports(topic: Topic, member: Member | None) -> bool:
    """Whether the member is counted in."""
    return member is not None and Support.objects.filter(topic=topic, member=member).exists()


@transaction.atomic
def answer(pk: int, progress: str, text: str, *, by: User, because: str = "") -> Topic:
    """Give or change the city's answer, for everybody to read. Raises NotPossible, or PersonalFound as elsewhere."""
    topic = topics.locked(pk)
    if topic.kind != TopicKind.IDEA or topic.state not in PUBLIC_STATES:
        raise NotPossible(_("Only a public idea is answered."))
    if progress not in Progress.values:
        raise NotPossible(_("Choose what becomes of it."))
    if not text.strip():
        raise NotPossible(_("Write the answer."))
    settled = publishing.settle(text.strip(), by=by, because=because)
    topic.progress, topic.answer, topic.answered_by = progress, settled.text, by
    topic.answered_at, topic.version = timezone.now(), topic.version + 1
    topic.save(update_fields=["progress", "answer", "answered_by", "answered_at", "version"])
    topics.record(topic, by, "answered", progress=progress, answer=settled.text, kept=settled.kept)
    app.configure_task(TELL).defer(topic=topic.pk, version=topic.version)
    return topic


def tell_of_answer(pk: int, version: int) -> int:
    """Tell the writer and the supporters of the city's answer, once for each version of it; how many."""
    topic = Topic.objects.select_related("by").get(pk=pk)
    if topic.version != version:
        return 0  # it was changed since: that has its own mails
    people = Member.objects.filter(pk__in=Support.objects.filter(topic=topic).values("member"))
    facts = {"title": topic.title, "link": telling.address(f"/topics/{topic.pk}/")}
    return telling.tell({topic.by, *people}, f"topic:{pk}:answer:{version}", lambda: (
        _("The city has answered an idea"),
        [_("The city has answered “%(title)s”: %(link)s") % facts, topic.answer]))  # fmt: skip


def by_support(found: QuerySet[Topic], key: tuple[int, int] | None = None) -> QuerySet[Topic]:
    """Ideas, most supported first; with the key of a row, only what follows it."""
    ordered = found.filter(kind=TopicKind.IDEA).order_by("-supporters", "-id")
    return ordered.filter(after(("supporters", "id"), key)) if key else ordered


def deserving() -> QuerySet[Topic]:
    """Public ideas without an answer that have enough supporters, most supported first."""
    found = Topic.objects.filter(kind=TopicKind.IDEA, state=TopicState.SHOWN, answered_at=None)
    return found.filter(supporters__gte=needed()).select_related("by").order_by("-supporters", "-id")
