"""Is it fixed, and how was it: what residents say of closed requests, and the figures of it.

The link to the page is signed and holds no more than the number of the request: it needs no login and no expiry.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils import timezone

from openline.care import speaking
from openline.care.models import Report, Survey
from openline.foundation.bulk import query
from openline.foundation.text import clean
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import ServiceRequest
from openline.triage.personal_data import public_text

_SALT = "openline.survey"
CHANGE_WITHIN = timedelta(hours=1)
"""A slip of the finger can be put right so long; then the answer stays, since others may see the link in a thread."""
_COMMENT = 1000


class TooLate(Exception):
    """The answer was given long ago and is not changed any more."""


def of(request: ServiceRequest) -> Survey:
    """The one survey of a request, made if there is none yet."""
    return Survey.objects.get_or_create(request=request)[0]


def answered(survey: Survey, fixed: bool, **more: bool) -> Survey:
    """A resident said whether it is fixed; `more`: fields that follow from it."""
    survey.fixed, survey.fixed_at = fixed, timezone.now()
    for name, value in more.items():
        setattr(survey, name, value)
    survey.save()
    _record(survey, "resident", fixed=fixed, **more)
    return survey


def ask(survey: Survey, conversation_id: UUID) -> str:
    """Ask how it was in this conversation: the address of the page; "" if it was asked for this request before."""
    if survey.rating_asked_at:
        return ""
    survey.conversation_id, survey.rating_asked_at = conversation_id, timezone.now()
    survey.save(update_fields=["conversation", "rating_asked_at"])
    _record(survey, "openline", asked="how was it")
    return f"{settings.PUBLIC_URL}/how-was-it/{token(survey)}/"


def token(survey: Survey) -> str:
    """What stands in the address of the survey's page."""
    return signing.Signer(salt=_SALT).sign(survey.request.number)


def by_token(text: str) -> Survey | None:
    """The survey whose page has this address, if we asked for it; None for an address that we did not make."""
    try:
        number = signing.Signer(salt=_SALT).unsign(text)
    except signing.BadSignature:
        return None
    found = Survey.objects.select_related("request__service", "conversation")
    return found.filter(request__number=number, rating_asked_at__isnull=False).first()


def language_of(survey: Survey) -> str:
    """The language of the resident who was asked."""
    report = Report.objects.filter(request=survey.pk, conversation=survey.conversation_id)
    first = report.select_related("message__assessment").first()
    return speaking.language_of(first.message) if first else ""


def may_change(survey: Survey) -> bool:
    """True while there is no answer, or it is so new that a slip of the finger can be put right."""
    return survey.rated_at is None or survey.rated_at > timezone.now() - CHANGE_WITHIN


def rate(survey: Survey, satisfaction: int) -> None:
    """Keep how it was, from 1 to 5. Raises ValueError for another number, TooLate if it stands since an hour."""
    if not 1 <= satisfaction <= 5:
        raise ValueError("from 1 to 5")
    if survey.satisfaction == satisfaction:
        return
    if not may_change(survey):
        raise TooLate
    survey.satisfaction, survey.rated_at = satisfaction, survey.rated_at or timezone.now()
    survey.save(update_fields=["satisfaction", "rated_at"])
    _record(survey, "resident", satisfaction=satisfaction)


def comment(survey: Survey, text: str) -> None:
    """Keep what the resident adds, without personal data. Raises TooLate like `rate`."""
    if survey.rated_at is None or not may_change(survey):
        raise TooLate
    survey.comment = public_text(clean(text, _COMMENT), public_numbers())
    survey.save(update_fields=["comment"])
    _record(survey, "resident", commented=True)


def _record(survey: Survey, actor: str, **what: Any) -> None:
    body = {"what": "survey", "number": survey.request.number, **what}
    entry = log.Entry(Kind.DECIDED, actor, conversation_id=survey.conversation_id, request_id=survey.pk, body=body)
    log.write([entry])


_FIGURES = """
SELECT {by}, count(*), count(v.fixed), count(*) FILTER (WHERE v.fixed), count(*) FILTER (WHERE v.opened_again),
       count(*) FILTER (WHERE v.disputed), count(v.rating_asked_at), count(v.satisfaction), avg(v.satisfaction)
FROM care_survey v JOIN service_requests_servicerequest r ON r.id = v.request_id
JOIN service_requests_service s ON s.id = r.service_id JOIN service_requests_department d ON d.id = r.department_id
WHERE v.asked_at >= %(since)s GROUP BY 1 ORDER BY 2 DESC, 1
"""
_NAMES = ("name", "asked", "answered", "yes", "opened_again", "disputed", "rating_asked", "rated", "mean")


def figures(by: str, days: int) -> list[dict[str, Any]]:
    """Of each "service" or "department": how many were asked in the last `days` days, and what they said."""
    column = {"service": "s.name", "department": "d.name"}[by]
    rows = query(_FIGURES.format(by=column), {"since": timezone.now() - timedelta(days=days)})
    return [dict(zip(_NAMES, row, strict=True)) for row in rows]
