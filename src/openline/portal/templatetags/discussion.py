"""A discussion as a part of any public page: `{% discussion topic.thread areas=... without=... %}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import template

from openline.community import discussion as talks
from openline.community import liaisons, members, saying, threads
from openline.portal.discussion.forms import SayForm
from openline.service_requests.models import ServiceRequest

register = template.Library()


@register.inclusion_tag("portal/discussion/_section.html", takes_context=True)
def discussion(
    context: dict[str, Any],
    thread: str,
    found: ServiceRequest | None = None,
    areas: Iterable[str] = (),
    without: UUID | None = None,
    closed: str = "",
) -> dict[str, Any]:
    """The discussion `thread`: of the request `found`, or of a topic about `areas`.

    `without` is a message that the page shows elsewhere, `closed` says why nobody can write there.
    """
    request = context["request"]
    member = members.current(request)
    closed = closed or (threads.of_found(found) if found else "")
    key = request.GET.get("said-before", "")[:80]
    page = talks.page(thread, member, request=found, areas=areas, key=key, without=without, closed=closed)
    can_write = member is not None and not page.closed and saying.is_open()
    return {
        "page": page,
        "member": member,
        "open": saying.is_open() and not page.closed,
        "key": key,
        "form": SayForm() if can_write else None,
        "request": request,
        "may_hold": bool(member and liaisons.areas_of(member) & set(found.areas if found else areas)),
        "path": request.path,
    }
