"""The languages in which residents are spoken to, and words that depend on the language."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import pgettext

from openline.service_requests.jurisdiction import local

LOCALES = {
    "en": "en",
    "es": "es",
    "zh": "zh-hans",
    "vi": "vi",
    "ru": "ru",
    "fr": "fr",
    "ar": "ar",
    "pt": "pt",
    "ht": "ht",
    "ko": "ko",
}
"""The languages in which residents are spoken to, with the names of their catalogues (`openline/locale`)."""


def short(language: str) -> str:
    """The language that is spoken for `language` ("es" for "es-MX"): the city's own if we do not have it."""
    code = (language or "").split("-")[0]
    return code if code in LOCALES else settings.LANGUAGE_CODE.split("-")[0]


def speaking(language: str) -> translation.override:
    """Context in which the texts come in `language` if we have it, otherwise in the city's own."""
    return translation.override(LOCALES.get((language or "").split("-")[0], settings.LANGUAGE_CODE))


def day(moment: datetime) -> str:
    """A day as people say it, in the city's zone: "Thursday, December 3"."""
    return day_in_words(local(moment))


def day_in_words(day: date) -> str:
    """The same of a day without a time."""
    return _day_in_words(day.year, day.month, day.day, translation.get_language())


@lru_cache(maxsize=1000)
def _day_in_words(year: int, month: int, day: int, _language: str | None) -> str:
    """The words in the language that is spoken now; many requests are promised for the same days."""
    # Translators: a day in the letters of Django's template filter "date".
    return formats.date_format(date(year, month, day), pgettext("a day in a sentence", "l, F j"))


def hour(moment: datetime) -> str:
    """An hour as people say it, in the city's zone: "5 pm", "9:30 am"."""
    here = local(moment)
    return formats.date_format(here, "g A" if here.minute == 0 else "g:i A").lower()


def link(number: str) -> str:
    """Address of a request's public page (the portal serves it; rooms know no face)."""
    return f"{settings.PUBLIC_URL}/requests/{number}/"


def weekday(day: date) -> str:
    """The day of the week: "Thursday"."""
    return formats.date_format(day, "l")
