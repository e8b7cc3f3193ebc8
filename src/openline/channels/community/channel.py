"""The channel: hears what members write under requests and topics, and says there what the city says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from openline.channels import enclosing
from openline.channels.base import (
    AccountRef,
    Capabilities,
    Connected,
    Connection,
    Incoming,
    Refused,
    Rejected,
    Who,
)
from openline.channels.community import reading
from openline.channels.own_pages import OwnPages

TEXT_LIMIT = 5_000
_CITY = Who("community:city", "city")


class CommunityChannel(OwnPages):
    """Neighbors who joined the public pages, and what they say there."""

    network: ClassVar[str] = "community"
    label: ClassVar[str] = "Neighbors"
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=TEXT_LIMIT,
        direct_messages=False,
        edit=True,
        delete=True,
        hide=True,
        inbound="push",
        idempotent_send=True,
        finds_lost=("public", "private"),
        answers_only=True,
    )
    connection: ClassVar[Connection] = Connection(
        (),
        (
            _("The discussions are part of the city's public pages: there is nothing to set up elsewhere."),
            _("Switched off, what was said stays to be read and nobody can write."),
        ),
    )

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read what one of our pages took in."""
        return reading.read(raw)

    def check(self, account: AccountRef) -> Who:
        """Our own pages know us."""
        return _CITY

    def connect(self, values: Mapping[str, str]) -> Connected:
        """The account of the discussions: there is nothing to choose."""
        return Connected(_CITY, "city", "", {})

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Pack and read a comment as the pages do; nobody is told of it."""
        head = {"what": "post", "id": f"try.{key}", "author": "community:try", "thread": "topic:0", "text": text}
        found = self.parse(enclosing.pack(head))
        if not isinstance(found, Incoming) or found.text != text.strip():
            raise Rejected("The pages' own comment could not be read again.")
        return str(_("A comment was packed and read again as the pages do it."))
