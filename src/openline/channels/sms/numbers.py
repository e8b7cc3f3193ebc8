"""Telephone numbers: E.164 for people, short codes and names for machines."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["number", "short", "name", ""]

_SHORT = re.compile(r"\d{3,8}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &._+-]{1,11}")
"""An alphanumeric sender (TS 23.040, 9.1.2.5): at most 11 characters, one of them a letter."""


def e164(number: str, like: str = "") -> str:
    """`number` as E.164 ("+12155550100"), or "" if it is none that can be.

    Without a plus it is read as in the country of the number `like`: with that country's code before it, as gateways
    write, or as it is dialled there; else as any international number.
    """
    import phonenumbers  # its tables take a while to load, and are wanted only where an SMS goes in or out

    said, region = number.strip(), region_of(like) if like else ""
    whole = (f"+{said.removeprefix('00').removeprefix('+')}", None)
    code = str(phonenumbers.country_code_for_region(region)) if region else "none"
    forms = [whole] if said.startswith(("+", "00")) else [(said, region or None), whole]
    if said.startswith(code):
        forms.reverse()
    for form, country in forms:
        try:
            found = phonenumbers.parse(form, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(found):
            return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
    return ""


def region_of(number: str) -> str:
    """The country of an E.164 number, as ISO 3166 ("US"); "" if it has none."""
    import phonenumbers

    try:
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "")
    except phonenumbers.NumberParseException:
        return ""


def is_toll_free(number: str) -> bool:
    """True for an E.164 number that costs its caller nothing (+1 833 ...)."""
    import phonenumbers

    try:
        return bool(phonenumbers.number_type(phonenumbers.parse(number)) == phonenumbers.PhoneNumberType.TOLL_FREE)
    except phonenumbers.NumberParseException:
        return False


def address(said: str, like: str = "") -> tuple[str, Kind]:
    """Who sent a message, or to whom it goes, and what kind of address that is; "" for none.

    A person is known by the E.164 number. Short codes and names belong to machines, and stay as they are.
    """
    said = said.strip()
    if _SHORT.fullmatch(said):
        return said, "short"
    if number := e164(said, like):
        return number, "number"
    if _NAME.fullmatch(said):
        return said, "name"
    return said, ""
