"""What the channels of the city's own pages share: nothing is sent anywhere, a page shows what is in the inbox.

The pages put what they take in at the door themselves. A receipt says under which id a message stands from then on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar

from openline.channels import enclosing
from openline.channels.base import AccountRef, Channel, Heard, Media, MediaRule, Outgoing, Progress, Receipt, Rejected
from openline.channels.listening import pause

TEXT_LIMIT = 20_000
MEDIA = (
    MediaRule("image", ("image/jpeg", "image/png", "image/webp", "image/gif"), 10, 20_000_000),
    MediaRule("file", ("application/pdf",), 10, 20_000_000),
)
_ALIVE_EVERY_SECONDS = 30.0


class OwnPages(Channel):
    """A network whose server is ourselves."""

    secrets: ClassVar[tuple[str, ...]] = ()

    def listen(self, account: AccountRef, cursor: str, stopping: Callable[[], bool]) -> Iterator[Heard]:
        """Nothing: the pages put what they take in at the door themselves. Says every half minute that all is well."""
        while not stopping():
            yield Heard((), cursor)
            pause(_ALIVE_EVERY_SECONDS, stopping)

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Nothing, as in `listen`."""
        return Heard((), cursor)

    def fetch(self, account: AccountRef, raw: bytes, media: Media, most_bytes: int) -> bytes | None:
        """The bytes of a file that came with a form."""
        return enclosing.fetch(raw, media.url, most_bytes)

    def send(self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress) -> Receipt:
        """The message stands on its page from now on, or is changed there."""
        if outgoing.action != "post":
            return Receipt(outgoing.about)
        if not _writable(outgoing.text):
            raise Rejected("The text holds characters that cannot be written.", "text")
        if self.length(outgoing.text) > self.capabilities.text_limit:
            raise Rejected(f"The text has more than {self.capabilities.text_limit:,} characters.", "text")
        return Receipt("city." + hashlib.sha256(key.encode()).hexdigest()[:32])

    def find_sent(
        self, account: AccountRef, outgoing: Outgoing, key: str, progress: Progress, since: datetime
    ) -> Receipt | None:
        """What `send` would answer: saying it again cannot be seen twice."""
        return self.send(account, outgoing, key, progress)

    def length(self, text: str) -> int:
        """The number of characters."""
        return len(text)


def _writable(text: str) -> bool:
    """False for half a character (a lone surrogate), which no page can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
