"""News of what a member follows, by mail, at most once a day: what became public since the last one.

A mail is put into the outbox with the key of its member and day in the transaction that moves `told_at`, so that none
comes twice and no news is in two of them. Without news there is no mail.
"""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.accounts.models import Account
from openline.channels.base import Outgoing
from openline.community import following, mails, threads
from openline.community.models import Member, Topic, TopicState
from openline.foundation.text import shorten
from openline.outbox import mailing
from openline.records import log
from openline.records.models import Kind
from openline.service_requests import public
from openline.service_requests.jurisdiction import city_zone, jurisdiction, local
from openline.service_requests.languages import link, speaking
from openline.service_requests.models import ServiceRequest

AT = time(7)
"""From this hour of the city on the day's mails are put into the outbox."""
BATCH = 200
MOST = 5
"""So many new requests, and so many topics, of one area are named; of the others the number."""
_SALT = "openline.digest"


def send_due(now: datetime | None = None) -> int:
    """Put what is due into the outbox; how many mails."""
    now = now or timezone.now()
    account = mailing.mail_account()
    if account is None or local(now).time() < AT:
        return 0
    today = local(now).date()
    begins = datetime.combine(today, AT, city_zone())
    due = Member.objects.filter(Q(told_at=None) | Q(told_at__lt=begins), digest=True, left_at=None)
    return sum(_tell(pk, account, today, now) for pk in due.order_by("pk").values_list("pk", flat=True).iterator(BATCH))


@transaction.atomic
def _tell(pk: UUID, account: Account, day: date, now: datetime) -> bool:
    """The mail of one member, if there is news; of two workers one writes it."""
    member = Member.objects.select_for_update().filter(pk=pk, digest=True, left_at=None).first()
    if member is None:
        return False
    since = member.told_at or member.joined_at
    Member.objects.filter(pk=pk).update(told_at=now)
    with speaking(member.language):
        parts = news(member, since, now)
        outgoing = _mail(member, parts) if parts else None
    key = f"{mails.DIGEST}{member.pk.hex}:{day.isoformat()}"
    if outgoing is None or not mailing.put(account, outgoing, key=key, thread=f"{mails.DIGEST}{member.pk.hex}"):
        return False
    log.write([log.Entry(Kind.WRITTEN, "openline", account.pk, body={"what": "news by mail", "member": member.pk})])
    return True


def news(member: Member, since: datetime, until: datetime) -> list[str]:
    """What became public in that time of what the member follows, each part as a paragraph."""
    parts = _of_requests([one.pk for one in following.requests_of(member)], since, until)
    for area in following.areas_of(member):
        lines = [*_of_area(area.code, since, until), *_talked_of(area.code, since, until)]
        if lines:
            parts.append("\n".join([area.name, *lines]))
    return parts


def _of_requests(followed: list[UUID], since: datetime, until: datetime) -> list[str]:
    found = public.public_updates().filter(request_id__in=followed, at__gt=since, at__lte=until)
    by_request: dict[ServiceRequest, list[str]] = {}
    for one in found.select_related("request__service"):
        words = " ".join(filter(None, [f"{one.to_status_label}." if one.to_status else "", one.public_text]))
        by_request.setdefault(one.request, []).append(words)
    return ["\n".join([_name(one.service.name, one.place_name), *words[-MOST:], link(one.number)])
            for one, words in by_request.items()]  # fmt: skip


def _name(service: str, place: str) -> str:
    return ", ".join(filter(None, [service, place]))


def _of_area(area: str, since: datetime, until: datetime) -> list[str]:
    found = public.requests().filter(requested_at__gt=since, requested_at__lte=until, areas__contains=[area])
    rows = list(public.newest_first(found).values_list("service__name", "place_name", "number")[:MOST])
    if not rows:
        return []
    total = found.count()
    head = ngettext("%(n)d new request", "%(n)d new requests", total) % {"n": total}
    return [f"{head}: {settings.PUBLIC_URL}/neighborhoods/{area}/", *(f"- {_name(*r[:2])}: {link(r[2])}" for r in rows)]


def _talked_of(area: str, since: datetime, until: datetime) -> list[str]:
    shown = Topic.objects.filter(area=area, state=TopicState.SHOWN, opened_at__gt=since, opened_at__lte=until)
    return [f"- {one.get_kind_display()}: {shorten(one.title, 120)} {threads.address(one.thread)}"
            for one in shown.order_by("-opened_at", "-id")[:MOST]]  # fmt: skip


def _mail(member: Member, parts: list[str]) -> Outgoing:
    city = {"city": jurisdiction().name}
    ends = _("You follow this on the pages of %(city)s. End these mails with one click: %(link)s")
    words = [_("News of what you follow"), *parts, ends % (city | {"link": address(member)})]
    subject, ends_at = _("News from your neighborhood in %(city)s") % city, address(member)
    return mailing.letter(member.email, subject, words, member.language, automatic=True, unsubscribe=ends_at)


def address(member: Member) -> str:
    """Where the mails are ended without signing in. Signed: nobody ends another's."""
    return f"{settings.PUBLIC_URL}/news-by-mail/{signing.Signer(salt=_SALT).sign(member.pk.hex)}/"


def member_of(token: str) -> Member | None:
    """The member whom the token names; None if it is none of ours, or they have left."""
    try:
        known = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return Member.objects.filter(pk=UUID(hex=known), left_at=None).first()


@transaction.atomic
def turn(member: Member, on: bool) -> None:
    """Have the mails, or have them no more. Doing it twice is doing it once."""
    changes = {"digest": on} | ({"told_at": timezone.now()} if on else {})
    if Member.objects.filter(pk=member.pk, digest=not on).update(**changes):
        log.write([log.Entry(Kind.CHANGED, member.author, body={"what": "member changed", "digest": [not on, on]})])
    member.digest = on
