"""The one door for what the city publishes: personal data is taken out, or stays in for a reason that is kept.

What a person wrote is shown to them with what was found; what a rule or a program wrote is masked silently.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext as _

from openline.inbox.models import Identity
from openline.service_requests.errors import NotPossible
from openline.service_requests.jurisdiction import jurisdiction, public_numbers
from openline.service_requests.models import Department, Service, ServiceRequest
from openline.triage.assessment import PersonalData
from openline.triage.personal_data import find, public_text, redact, without_overlaps
from openline.triage.text import readable

_HANDLE = re.compile(r"(?<![\w@.])@[\w.-]*\w(?:@[\w.-]*\w)?|\bnpub1[a-z0-9]{20,}")
_SHORTEST = 4
"""A resident's name or handle of fewer letters would be found in other words."""
_SHORTEST_OF_SENDER = 3
_EVERYBODYS = frozenset("gmail.com outlook.com hotmail.com yahoo.com aol.com icloud.com live.com msn.com".split())
"""An address there is a person's, even if a department has one too."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A text that may be published. `kept` says what stayed in and why; "" if there was nothing."""

    text: str
    kept: str = ""


class PersonalFound(NotPossible):
    """A person is about to publish personal data: `text` with what was `found` in it, and the text without it."""

    def __init__(self, text: str, found: list[PersonalData]) -> None:
        super().__init__(
            _("This text would be public and holds personal data. It is taken out below: look at it and send it again.")
        )
        self.text, self.found, self.masked = text, found, redact(text, found)


def settle(
    text: str,
    *,
    by: User | None,
    because: str = "",
    residents: Iterable[Identity] = (),
    spoken_to: Identity | None = None,
    known: Callable[[str], bool] = lambda _part: False,
) -> Settled:
    """`text` as it is to be published. `residents` are those whose names must not stand in it.

    With `because` a person publishes it as it is. `spoken_to` may be named: in their own thread. `known` tells what
    is published anyway. Raises PersonalFound if a person wrote it and has to decide.
    """
    shown = readable(text)
    own = {by.get_full_name().casefold(), by.first_name.casefold()} if by else set()
    found = []
    for one in _found(shown, residents, spoken_to):
        part = shown[one.start : one.end]
        if part.casefold() not in own and not _published(part, one.kind) and not known(part):
            found.append(one)
    if not found:
        return Settled(text)
    if by is None:
        return Settled(redact(shown, found))
    if not because.strip():
        raise PersonalFound(shown, found)
    facts = {"kinds": ", ".join(dict.fromkeys(one.kind for one in found)), "because": because.strip()}
    return Settled(text, _("Published as it is (%(kinds)s): %(because)s") % facts)


def of_request(request: ServiceRequest, text: str, *, by: User | None, because: str = "") -> Settled:
    """`settle` for a public word about a request: nobody who reported or follows it is named."""
    reporters = Identity.objects.filter(conversations__reports__request=request).distinct() if text.strip() else ()
    return settle(text, by=by, because=because, residents=reporters)


def without_sender(text: str, name: str) -> str:
    """`text` without personal data, and without the `name` of who told it, which no pattern would find."""
    for part in (part for part in (name, *name.split()) if len(part) >= _SHORTEST_OF_SENDER):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "[name removed]", text)
    return public_text(text, public_numbers())


def _found(text: str, residents: Iterable[Identity], spoken_to: Identity | None) -> list[PersonalData]:
    found = [*find(text, public_numbers()), *_handles(text, spoken_to)]
    for resident in residents:
        for kind, word in (("handle", resident.handle.lstrip("@").split("@")[0]), ("name", resident.name)):
            if len(word) >= _SHORTEST:
                pattern = rf"(?<!\w)@?{re.escape(word)}(?:@[\w.-]*\w)?(?!\w)"
                found += [PersonalData(kind, *match.span()) for match in re.finditer(pattern, text, re.I)]
    return without_overlaps(found)


def _handles(text: str, spoken_to: Identity | None) -> Iterator[PersonalData]:
    """Handles of residents that we know; those of agencies and the city's own stay."""
    for match in _HANDLE.finditer(text):
        handle = match.group()
        if spoken_to and _same(handle, spoken_to.handle):
            continue
        known = Q(handle__iexact=handle) | Q(handle__iexact=handle.lstrip("@")) | Q(handle__istartswith=handle + "@")
        if Identity.objects.filter(known, ours=False).exists():
            yield PersonalData("handle", *match.span())


def _same(one: str, other: str) -> bool:
    one, other = one.lstrip("@").casefold(), other.lstrip("@").casefold()
    return one == other or one.split("@")[0] == other.split("@")[0]


def _published(part: str, kind: str) -> bool:
    """Whether the city itself publishes what was found: in its catalogue, or as an address of its own."""
    if kind == "email" and _of_the_city(part):
        return True
    return kind in ("phone", "email") and Service.objects.filter(referral_text__icontains=part).exists()


def _of_the_city(address: str) -> bool:
    address = address.casefold()
    given = {one.casefold() for one in Department.objects.exclude(email="").values_list("email", flat=True)}
    domains = {one.rpartition("@")[2] for one in given} | {jurisdiction().jurisdiction_id.casefold()}
    domains.add(settings.PUBLIC_URL.partition("://")[2].split(":")[0])
    domain = address.rpartition("@")[2]
    return address in given or any(
        domain == own or domain.endswith("." + own) for own in domains - _EVERYBODYS if "." in own
    )
