"""The words of the Common Alerting Protocol 1.2 (OASIS, section 3.2), each with what it means in plain language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openline.publishing.models import Severity

Words = dict[str, str | Promise]

CATEGORIES: Words = {
    "Geo": _("Ground: earthquake, landslide"),
    "Met": _("Weather: snow, storm, flood, heat"),
    "Safety": _("General safety of the public"),
    "Security": _("Law enforcement and security"),
    "Rescue": _("Rescue and recovery"),
    "Fire": _("Fire"),
    "Health": _("Medical and public health"),
    "Env": _("Pollution and environment, air quality"),
    "Transport": _("Public and private transport, roads"),
    "Infra": _("Water, power, telephone and other services"),
    "CBRNE": _("Chemical, biological, radiological, nuclear, explosive"),
    "Other": _("Something else"),
}
URGENCIES: Words = {
    "Immediate": _("Act at once"),
    "Expected": _("Act soon, within the next hour"),
    "Future": _("Act in the near future"),
    "Past": _("No action is needed any more"),
    "Unknown": _("Not known"),
}
SEVERITIES: Words = {
    "Extreme": _("Extraordinary danger to life or property"),
    "Severe": _("Significant danger to life or property"),
    "Moderate": _("Possible danger to life or property"),
    "Minor": _("Little or no danger to life or property"),
    "Unknown": _("Not known"),
}
CERTAINTIES: Words = {
    "Observed": _("It has happened, or it goes on"),
    "Likely": _("More likely than not"),
    "Possible": _("Possible, but not likely"),
    "Unlikely": _("Not expected to happen"),
    "Unknown": _("Not known"),
}
RESPONSES: Words = {
    "Shelter": _("Take shelter where you are"),
    "Evacuate": _("Leave the area"),
    "Prepare": _("Prepare"),
    "Execute": _("Do what was prepared"),
    "Avoid": _("Avoid the danger"),
    "Monitor": _("Follow the news"),
    "Assess": _("Look at what is said here before you act"),
    "AllClear": _("The danger is over"),
    "None": _("Nothing needs to be done"),
}
FIELDS: dict[str, Words] = {
    "category": CATEGORIES,
    "urgency": URGENCIES,
    "severity": SEVERITIES,
    "certainty": CERTAINTIES,
    "response": RESPONSES,
}
"""The coded fields of an alert, in the order in which forms ask for them."""

ORDER = {severity: place for place, severity in enumerate(Severity.values)}
"""The most severe first."""
EXERCISE = {"en": "EXERCISE", "es": "SIMULACRO"}
UPDATE = {"en": "UPDATE", "es": "ACTUALIZACIÓN"}
ENDED = {"en": "ENDED", "es": "TERMINÓ"}
"""What stands before the words of an exercise, of an update, of an end; other languages take the English word."""
