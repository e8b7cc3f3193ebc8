"""Gaps: questions that no article answers, grouped by what they ask, a few at a time.

A question joins the group of its language whose words are nearest (cosine over the roots of words, Salton and McGill
1983), or whose first question is near in meaning where this machine has a sentence model. The same service makes it
likelier.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from openline.knowledge import meaning
from openline.knowledge.library import short
from openline.knowledge.matching import roots
from openline.knowledge.models import Question, QuestionGroup
from openline.triage.linear import Floats

AT_ONCE = 200
_ALIKE, _SAME_SERVICE = 0.5, 0.15
_NEAR = 0.72
"""From this cosine of two sentences on, they ask the same."""
_MOST_TERMS = 40
_MOST_GROUPS = 500
"""So many groups of a language are compared with, the newest first."""
_TREND = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Gap:
    """A group with how often it was asked in the last seven days, and in the seven before."""

    group: QuestionGroup
    week: int
    before: int


@transaction.atomic
def group_new(now: datetime | None = None) -> int:
    """Put the questions that are in no group yet into one; returns how many."""
    waiting = Question.objects.exclude(text="").filter(group=None).order_by("at").select_for_update(skip_locked=True)
    new = list(waiting[:AT_ONCE])
    known: dict[str, list[QuestionGroup]] = {}
    for question in new:
        language = short(question.language)
        groups = known.setdefault(language, _groups(language))
        found = _nearest(question, groups)
        if found is None:
            found = QuestionGroup(
                language=language,
                service_code=question.service_code,
                sample=question.text,
                first_at=question.at,
                last_at=question.at,
            )
            groups.insert(0, found)
        _take(found, question)
        question.group = found
    Question.objects.bulk_update(new, ["group"])
    return len(new)


def _groups(language: str) -> list[QuestionGroup]:
    found = QuestionGroup.objects.filter(language=language, put_away=False).order_by("-last_at")
    return list(found[:_MOST_GROUPS])


def _take(group: QuestionGroup, question: Question) -> None:
    terms = Counter(group.terms)
    terms.update(set(roots(question.text)))
    group.terms = dict(terms.most_common(_MOST_TERMS))
    group.count += 1
    group.first_at, group.last_at = min(group.first_at, question.at), max(group.last_at, question.at)
    group.save()


def _nearest(question: Question, groups: Sequence[QuestionGroup]) -> QuestionGroup | None:
    """The group that asks the same, if there is one."""
    mine = Counter(set(roots(question.text)))
    near = _meanings(question.text, [group.sample for group in groups])
    best, likeness = None, _ALIKE
    for group, meant in zip(groups, near, strict=True):
        same = _SAME_SERVICE if group.service_code and group.service_code == question.service_code else 0.0
        alike = max(_cosine(mine, group.terms), meant) + same
        if alike > likeness:
            best, likeness = group, alike
    return best


def _cosine(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    shared = sum(count * other.get(term, 0) for term, count in one.items())
    long = math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))
    return shared / long if shared else 0.0


def _meanings(text: str, samples: Sequence[str]) -> list[float]:
    """How near in meaning each sample is, as far as it counts: 0 without a sentence model or below its bar."""
    encoder = meaning.encoder() if samples else None
    if encoder is None:
        return [0.0] * len(samples)
    vectors: Floats = encoder.vectors([text, *samples])
    return [alike if alike >= _NEAR else 0.0 for alike in (vectors[1:] @ vectors[0]).tolist()]


def most_asked(most: int) -> list[Gap]:
    """The gaps, the most asked first, with their trend."""
    now = timezone.now()
    week = Q(questions__at__gt=now - _TREND)
    before = Q(questions__at__lte=now - _TREND, questions__at__gt=now - 2 * _TREND)
    found = QuestionGroup.objects.filter(put_away=False).select_related("draft")
    found = found.annotate(week=Count("questions", filter=week), before=Count("questions", filter=before))
    return [Gap(group, group.week, group.before) for group in found.order_by("-count", "-last_at")[:most]]


def put_away(group: QuestionGroup) -> None:
    """This group asks nothing that an article should answer."""
    QuestionGroup.objects.filter(pk=group.pk).update(put_away=True)
