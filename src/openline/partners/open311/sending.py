"""Sending a request to an Open311 partner, and finding out what became of a try that ended unclear."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from openline.foundation.secrets import UnreadableSecret
from openline.partners import mapping, outgoing
from openline.partners.forwarding import NotSent, Sent
from openline.partners.models import Connector, Forwarding, Health
from openline.partners.open311.client import Server, TheirRequest, Trouble
from openline.partners.outgoing import Facts

_CLOCKS_DIFFER = timedelta(minutes=30)
_SAME_PLACE = 0.0002
"""Degrees: about twenty metres, for servers that move a point to the next street."""
LONGEST_DESCRIPTION = 4_000


def server(connector: Connector) -> Server:
    """The partner's server. Raises NotSent if its key cannot be read."""
    try:
        key = connector.secret
    except UnreadableSecret as error:
        raise NotSent(str(error), again=False, health=Health.REFUSED) from None
    return Server(connector.address, connector.jurisdiction_id, key, connector.form, connector.private_network)


class Open311Way:
    """The way of a partner that speaks GeoReport v2."""

    def send(self, forwarding: Forwarding) -> Sent:
        """POST the request; its number or token comes back. Raises NotSent."""
        fields = _fields(forwarding)
        try:
            receipt = server(forwarding.connector).send(fields, str(forwarding.pk))
        except Trouble as trouble:
            raise _not_sent(trouble) from None
        return Sent(receipt.id, receipt.token)

    def look(self, forwarding: Forwarding) -> Sent | None:
        """Sent again with the same mark where they know marks; else look through their list."""
        if forwarding.connector.knows_our_mark:
            return self.send(forwarding)
        assert forwarding.unclear_at
        start, end = forwarding.unclear_at - _CLOCKS_DIFFER, forwarding.unclear_at + _CLOCKS_DIFFER
        code, told = mapping.their_service(forwarding.connector, forwarding.request), outgoing.facts(forwarding.request)
        try:
            listed = server(forwarding.connector).opened(code, start, end)
        except Trouble as trouble:
            raise NotSent(f"Their list could not be read: {trouble}", unclear=True) from None
        if found := _ours(listed, told, _taken(forwarding)):
            return Sent(found.id)
        if forwarding.connector.shows_ours and forwarding.looked:
            return None
        raise NotSent("It is not in their list, or not yet.", unclear=True, health="")


def _taken(forwarding: Forwarding) -> set[str]:
    """Their ids that belong to other requests of ours."""
    others = Forwarding.objects.filter(connector=forwarding.connector).exclude(pk=forwarding.pk).exclude(their_id="")
    return set(others.order_by("-id").values_list("their_id", flat=True)[:1_000])


def _ours(listed: Iterable[TheirRequest], told: Facts, taken: set[str]) -> TheirRequest | None:
    """The one in their list that is ours: by our mark, else the only one with the same words at the same place."""
    free = [one for one in listed if one.id and one.id not in taken]
    for one in free:
        if told.mark in one.description:
            return one
    same = [one for one in free if _same_words(one, told) and _same_place(one, told)]
    return same[0] if len(same) == 1 else None


def _same_words(one: TheirRequest, told: Facts) -> bool:
    return bool(told.description) and " ".join(told.description.split()) in " ".join(one.description.split())


def _same_place(one: TheirRequest, told: Facts) -> bool:
    if one.lat is None or one.long is None or told.lat is None or told.long is None:
        return False
    return abs(one.lat - told.lat) < _SAME_PLACE and abs(one.long - told.long) < _SAME_PLACE


def _fields(forwarding: Forwarding) -> dict[str, str | list[str]]:
    """The form of the POST. Raises NotSent if something is missing that only a person can add."""
    connector, request = forwarding.connector, forwarding.request
    code = mapping.their_service(connector, request)
    if not code:
        raise NotSent(f"Nobody has said which of their services “{request.service.name}” is.", again=False, health="")
    told = outgoing.facts(request)
    if told.lat is None and not told.place:
        raise NotSent("The request has no place, and Open311 needs one.", again=False, health="")
    fields: dict[str, str | list[str]] = {"service_code": code, "description": _description(told)}
    if told.lat is not None and told.long is not None:
        fields |= {"lat": f"{told.lat:.6f}", "long": f"{told.long:.6f}"}
    if told.place:
        fields["address_string"] = told.place
    if told.photos:
        fields["media_url"] = told.photos[0]
    for question, answers in mapping.their_answers(connector, request).items():
        listed = len(answers) > 1
        fields[f"attribute[{question}]" + ("[]" if listed else "")] = answers if listed else answers[0]
    return fields | outgoing.contact(connector, request)


def _description(told: Facts) -> str:
    """The public words, more photos, and the mark by which it is found again."""
    end = "\n\n" + "\n".join([*told.photos[1:6], *([told.page] if told.page else []), told.mark])
    return (told.description or told.service_name)[: LONGEST_DESCRIPTION - len(end)] + end


def _not_sent(trouble: Trouble) -> NotSent:
    """Refusals need a person; what is their trouble, or the network's, is tried again."""
    later = trouble.status in (0, 408, 425, 429) or trouble.status >= 500
    health = Health.DOWN if later else Health.REFUSED
    return NotSent(str(trouble), unclear=trouble.unclear, again=later, wait=trouble.wait, health=health)
