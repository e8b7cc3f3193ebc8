"""Colleagues named in an internal note with @ are told of it: they find the request under "Mentions"."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from openline.service_requests.models import ServiceRequest, Update

_NAME = re.compile(r"(?<![\w@.])@([\w.+-]{1,150})")
_MOST = 20


def names(note: str) -> list[str]:
    """The user names that a note mentions, each once, at most twenty."""
    found = (name.rstrip(".-+").lower() for name in _NAME.findall(note))
    return list(dict.fromkeys(name for name in found if name))[:_MOST]


def keep(update: Update) -> None:
    """Remember whom the note of `update` mentions; names of nobody are just words (`nobodys` tells of them)."""
    if found := people(update.note):
        update.mentioned.set(found)


def people(note: str) -> list[User]:
    """Whom a note mentions."""
    wanted = names(note)
    if not wanted:
        return []
    return list(User.objects.filter(is_active=True, username__iregex=rf"^({'|'.join(map(re.escape, wanted))})$"))


def nobodys(note: str) -> list[str]:
    """The names after @ in a note that no colleague has: whoever wrote it thinks that somebody was told."""
    known = {user.username.lower() for user in people(note)}
    return [name for name in names(note) if name not in known]


def requests_of(user: User) -> QuerySet[ServiceRequest]:
    """The requests in whose notes `user` is mentioned."""
    ids: QuerySet[Update, UUID] = user.mentions.values_list("request_id", flat=True)
    return ServiceRequest.objects.filter(pk__in=ids)
