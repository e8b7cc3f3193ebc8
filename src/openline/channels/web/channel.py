"""The channel: hears what the city's pages took in, and says on their conversation pages what the city says.

Nothing is sent anywhere: the page of a conversation shows what is in the inbox. A receipt says under which id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from openline.channels.base import (
    AccountRef,
    Capabilities,
    Channel,
    Connected,
    Connection,
    Heard,
    Incoming,
    Media,
    MediaRule,
    NotAllowed,
    Outgoing,
    Progress,
    Receipt,
    Refused,
    Rejected,
    Who,
)
from openline.channels.listening import pause
from openline.channels.outgoing import HIDING
from openline.channels.web import mentions, reading
from openline.channels.web.settings import FIELDS, checked

TEXT_LIMIT = 20_000
_ALIVE_EVERY_SECONDS = 30.0
_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")


class WebChannel(Channel):
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
        media=(MediaRule("image", _PICTURES, 10, 20_000_000), MediaRule("file", ("application/pdf",), 10, 20_000_000)),
        alt_text_limit=1500,
        public=False,
    )
    secrets: ClassVar[tuple[str, ...]] = ()
    connection: ClassVar[Connection] = Connection(
        FIELDS,
        (
            _("The form is part of the city's public pages: there is nothing to set up elsewhere."),
            _("To show it on other sites, name those sites below; then copy the snippet from “Form on other sites”."),
        ),
    )

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Nothing: the pages put what they take in at the door themselves. Says every half minute that all is well."""
        while not stopping():
            yield Heard((), cursor)
            pause(_ALIVE_EVERY_SECONDS, stopping)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Nothing, as in `listen`."""
        return Heard((), cursor)

    def parse(self, raw: bytes) -> Incoming | Refused:
        """Read a delivery of one of our pages."""
        return reading.read(raw)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """The bytes of a file that came with a form."""
        found = reading.enclosed(raw, media.url)
        if found and len(found.content) > most_bytes:
            raise Rejected(f"The file is larger than {most_bytes / 1e6:.0f} MB.")
        return found.content if found else None

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """The message stands on its page from now on, or is changed there.

        Raises NotAllowed for who wrote on a page of their own.
        """
        if outgoing.action in ("edit", "delete"):
            return Receipt(outgoing.about)
        if outgoing.action in HIDING:
            raise NotAllowed("Nobody else sees what is written in a conversation of the web.")
        if outgoing.in_reply_to.startswith(mentions.PREFIX):
            raise NotAllowed("This was written on another site. It can be answered there only.")
        if not _writable(outgoing.text):
            raise Rejected("The text holds characters that cannot be written.", "text")
        if self.length(outgoing.text) > TEXT_LIMIT:
            raise Rejected(f"The text has more than {TEXT_LIMIT:,} characters.", "text")
        return _receipt(key)

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """What `send` would answer: saying it again cannot be seen twice."""
        return self.send(account, outgoing, key, progress)

    def length(self, text: str) -> int:
        """The number of characters."""
        return len(text)

    def check(self, account: AccountRef) -> Who:
        """Our own pages know us."""
        return Who("web:city", account.handle or "web")

    def connect(self, values: Mapping[str, str]) -> Connected:
        """The form's account, with what was chosen for it. Raises Rejected naming the field."""
        return Connected(Who("web:city", "web"), "web", "", {}, checked(values))

    def try_out(self, account: AccountRef, text: str, key: str) -> str:
        """Pack and read a message as the form does; nobody is told of it."""
        from openline.channels.enclosing import pack

        raw = pack({"what": "message", "id": f"try.{key}", "author": "web:try", "text": text})
        found = self.parse(raw)
        if not isinstance(found, Incoming) or found.text != text.strip():
            raise Rejected("The form's own message could not be read again.")
        return str(_("A message of the form was packed and read again. It is answered on its own page."))


def _receipt(key: str) -> Receipt:
    return Receipt("city." + hashlib.sha256(key.encode()).hexdigest()[:32])


def _writable(text: str) -> bool:
    """False for half a character (a lone surrogate), which no page can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
