"""Staff fill in what the resident's message left open: the answers to the questions of a request's service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from openline.service_requests import owning
from openline.service_requests.actions import locked, save
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import ServiceRequest
from openline.service_requests.questions import Fault, Stop, in_words, validate


class NotAnswered(NotPossible):
    """Answers that cannot be taken: `faults` by the question's code. Nothing was changed."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(_("Some answers cannot be saved: see beside the questions."))
        self.faults = faults


@transaction.atomic
def answer(request_id: UUID, given: Mapping[str, Any], *, by: User, version: int | None = None) -> ServiceRequest:
    """Save the answers to those questions that are asked; what is still open may stay open. Its owner may follow.

    Answers to questions that the service asks no more are kept. Raises NotAnswered; a stop is no fault here: staff
    read it and decide.
    """
    request = locked(request_id, version)
    asked = list(request.service.attributes.all())
    answers, faults = validate(asked, given, partial=True)
    if wrong := {code: fault for code, fault in faults.items() if not isinstance(fault, Stop)}:
        raise NotAnswered(wrong)
    codes = {question.code for question in asked}
    kept = {code: value for code, value in request.answers.items() if code not in codes}
    if kept | answers == request.answers:
        return request
    before = owning.facts(request)
    request.answers = kept | answers
    moved = owning.follow_facts(request, before, by)
    said = [f"{question.code}: {in_words(question, answers[question.code])}" for question in asked
            if question.code in answers]  # fmt: skip
    if moved:
        said.append(request.routing_reason)
    return save(request, by, "answers", note="; ".join(said)[:2000])
