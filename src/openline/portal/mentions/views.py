"""The endpoint: takes two addresses, says whether they can be looked at, and leaves the looking to a job."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from procrastinate import exceptions
from procrastinate.contrib.django import app

from openline.portal.contact import door, guard
from openline.portal.mentions import looking

TASK = "openline.portal.tasks.look_at_mention"


@csrf_exempt
@require_POST
def webmention(request: HttpRequest) -> HttpResponse:
    """Section 3.2: 202 if it will be looked at, 400 with the reason if not, 429 if there were too many."""
    source, target = (request.POST.get(name, "") for name in ("source", "target"))
    try:
        looking.check(source, target)
    except looking.NotTaken as error:
        return _answer(400, str(error))
    if not door.account().enabled:
        return _answer(400, "No mentions are taken here.")
    if not guard.may_send(request, guard.MENTIONING):
        return _answer(429, "Too many mentions from here. Try again later.")
    once = hashlib.sha256(f"{source} {target}".encode()).hexdigest()[:40]
    try:
        with transaction.atomic():
            app.configure_task(TASK, queueing_lock=f"mention {once}").defer(source=source, target=target)
    except exceptions.AlreadyEnqueued:
        pass  # it will be looked at, once
    return _answer(202, "Thank you. It will be looked at.")


def _answer(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
