"""What was asked and answered, as the draft of an article: personal data masked, people by public handles only."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.knowledge import writing
from openline.publishing.errors import NotPossible
from openline.publishing.models import Question, QuestionHour, QuestionState
from openline.publishing.question_hours import board
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.languages import day
from openline.service_requests.publishing import settle

_MARKS = re.compile(r"([\\`*_\[\]<>#|~!])")


@transaction.atomic
def draft(hour: QuestionHour, *, by: User) -> str:
    """Write the article; its slug. Raises NotPossible without an answered question, or if it is written already."""
    hour = QuestionHour.objects.select_for_update().get(pk=hour.pk)
    if hour.transcript_slug:
        raise NotPossible(_("The article is written already."))
    answered = [one for one in board.questions(hour) if one.state == QuestionState.ANSWERED]
    if not answered:
        raise NotPossible(_("No question is answered yet."))
    intro = _("What residents asked under #%(tag)s on %(day)s, and what the city answered.")
    body = [intro % {"tag": hour.hashtag, "day": day(hour.begins_at)}, *map(_exchange, answered)]
    given = {"title": hour.name[:200], "body": "\n\n".join(body), "language": "en"}
    article = writing.create(given, by=by, note=_("From a question hour"))
    hour.transcript_slug = article.slug
    hour.save(update_fields=["transcript_slug"])
    return article.slug


def _exchange(question: Question) -> str:
    identity = question.message.conversation.identity
    handle = identity.handle if identity.handle.startswith("@") else f"@{identity.handle}"
    asked = _public(question.message.text)
    answered = _public(getattr(question, "answer", "") or "")
    return f"**{plain(handle)}**\n\n{_quoted(asked)}\n\n**{plain(jurisdiction().name)}**\n\n{plain(answered)}"


def _public(text: str) -> str:
    """Without personal data, and without the handles of other residents."""
    return settle(text, by=None).text


def plain(text: str) -> str:
    """Words of people as words: nothing in them is Markdown."""
    return _MARKS.sub(r"\\\1", text)


def _quoted(text: str) -> str:
    return "\n".join(f"> {plain(line)}" for line in text.splitlines() or [""])
