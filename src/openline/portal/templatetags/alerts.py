"""The alerts that hold now, on every public page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.publishing.alerts import current

register = template.Library()
_LEVEL = {"Extreme": "emergency", "Severe": "emergency", "Moderate": "warning", "Minor": "info", "Unknown": "info"}
_WORDS: dict[str, str | Promise] = {
    "Extreme": _("Danger to life"), "Severe": _("Severe"), "Moderate": _("Be careful"), "Minor": _("Please note"),
    "Unknown": _("Please note"),
}  # fmt: skip


@register.inclusion_tag("portal/_alert_banner.html", takes_context=True)
def alert_banner(context: dict[str, Any]) -> dict[str, Any]:
    """The banner; nothing stands in it while no alert holds."""
    request = context.get("request")
    try:
        alerts = current.showing(getattr(request, "LANGUAGE_CODE", "en"))
    except DatabaseError:  # pages that tell of it are shown all the same
        alerts = []
    return {"alerts": alerts, "request": request}


@register.filter
def level(severity: str) -> str:
    """The look of an alert of this severity."""
    return _LEVEL.get(severity, "info")


@register.filter
def severity_words(severity: str) -> str:
    """The severity in a word or two for everybody: never colour alone."""
    return str(_WORDS.get(severity, severity))
