"""A question hour is planned: when, under which hashtag, on which accounts, and who answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.publishing import writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.errors import NotPossible
from openline.publishing.models import QuestionHour
from openline.records import log
from openline.records.models import Kind as RecordKind

LONGEST = timedelta(hours=12)
_HASHTAG = re.compile(r"\w{2,99}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person fills in; `announcement` is the text of the post that announces it, "" for none."""

    name: str
    hashtag: str
    begins_at: datetime
    ends_at: datetime
    accounts: Sequence[Account]
    hosts: Sequence[User]
    announcement: str = ""


@transaction.atomic
def save(plan: Plan, *, by: User, hour: QuestionHour | None = None) -> QuestionHour:
    """Plan an hour, or change one. The announcement is a draft for the composer. Raises NotPossible."""
    _check(plan)
    fields = {"name": plan.name.strip()[:200], "hashtag": plan.hashtag.lstrip("#").strip(),
              "begins_at": plan.begins_at, "ends_at": plan.ends_at}  # fmt: skip
    if hour is None:
        hour = QuestionHour(created_at=timezone.now())
    for name, value in fields.items():
        setattr(hour, name, value)
    hour.save()
    hour.accounts.set(plan.accounts)
    hour.hosts.set(plan.hosts)
    if plan.announcement.strip() and hour.announcement is None:
        hour.announcement = writing.create(_announcement(plan), by=by)
        hour.save(update_fields=["announcement"])
    body = {"what": "question hour planned", "hour": hour.pk, **fields}
    log.write([log.Entry(RecordKind.ADMINISTERED, by.get_username(), body=body)])
    return hour


def _check(plan: Plan) -> None:
    if not plan.name.strip():
        raise NotPossible(_("Give the hour a name."), "name")
    if not _HASHTAG.fullmatch(plan.hashtag.lstrip("#").strip()):
        raise NotPossible(_("A hashtag has letters, digits and underscores only."), "hashtag")
    if not timedelta() < plan.ends_at - plan.begins_at <= LONGEST:
        raise NotPossible(_("It has to end after it begins, within twelve hours."), "ends_at")
    if not plan.accounts:
        raise NotPossible(_("Choose at least one account."), "accounts")


def _announcement(plan: Plan) -> Content:
    tag, text = f"#{plan.hashtag.lstrip('#').strip()}", plan.announcement.strip()
    words = text if tag.casefold() in text.casefold() else f"{text} {tag}"
    forms = tuple(Form(str(account.pk)) for account in plan.accounts)
    return Content(name=plan.name.strip()[:200], texts={"en": Words(words)}, forms=forms)
