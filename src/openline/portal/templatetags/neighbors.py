"""Who reads a public page, where they have joined."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import DatabaseError

from openline.community import members
from openline.community.models import Member

register = template.Library()


@register.simple_tag(takes_context=True)
def current_member(context: dict[str, Any]) -> Member | None:
    """The member who is signed in with this browser; without a session cookie nobody, and nothing is looked up."""
    request = context.get("request")
    try:
        return members.current(request) if request else None
    except DatabaseError:  # pages that tell of it are shown all the same
        return None
