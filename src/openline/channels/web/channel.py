"""The channel: hears what the city's pages took in, and says on their conversation pages what the city says."""

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
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.outgoing import HIDING
from openline.channels.own_pages import MEDIA, TEXT_LIMIT, OwnPages
from openline.channels.web import mentions, reading
from openline.channels.web.settings import FIELDS, checked


class WebChannel(OwnPages):
    """The form, the report widget and the conversation pages of the city's own site."""

    network: ClassVar[str] = "web"
    label: ClassVar[str] = "Web"
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=TEXT_LIMIT,
        direct_messages=True,
        edit=True,
        delete=True,
        inbound="push",
        idempotent_send=True,
        finds_lost=("public", "private"),
        media=MEDIA,
        alt_text_limit=1500,
        public=False,
    )
    connection: ClassVar[Connection] = Connection(
        FIELDS,
        (
            _("The form is part of the city's public pages: there is nothing to set up elsewhere."),
            _("To show it on other sites, name those sites below; then copy the snippet from “Form on other sites”."),
        ),
    )

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read a delivery of one of our pages."""
        return reading.read(raw)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """As the pages do it. Raises NotAllowed for who wrote on a page of their own."""
        if outgoing.action in HIDING:
            raise NotAllowed("Nobody else sees what is written in a conversation of the web.")
        if outgoing.action == "post" and outgoing.in_reply_to.startswith(mentions.PREFIX):
            raise NotAllowed("This was written on another site. It can be answered there only.")
        return super().send(account, outgoing, key, progress)

    def check(self, account: AccountRef) -> Who:
        """Our own pages know us."""
        return Who("web:city", account.handle or "web")

    def connect(self, values: Mapping[str, str]) -> Connected:
        """The form's account, with what was chosen for it. Raises Rejected naming the field."""
        return Connected(Who("web:city", "web"), "web", "", {}, checked(values))

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Pack and read a message as the form does; nobody is told of it."""
        raw = enclosing.pack({"what": "message", "id": f"try.{key}", "author": "web:try", "text": text})
        found = self.parse(raw)
        if not isinstance(found, Incoming) or found.text != text.strip():
            raise Rejected("The form's own message could not be read again.")
        return str(_("A message of the form was packed and read again. It is answered on its own page."))
