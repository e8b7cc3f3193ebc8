"""The whole of a text that is too long to be kept for reading: it is in the delivery, which is kept as it came."""

from __future__ import annotations

from openline.channels.base import Incoming
from openline.channels.registry import channel_for
from openline.foundation.text import clean
from openline.inbox.models import Heard, Message


def whole_text(message: Message) -> str:
    """All that `message` says, read once more from its delivery; what is kept of it where nothing was cut."""
    cut = (message.details or {}).get("cut")
    heard = Heard.objects.filter(pk=cut["heard"]).select_related("account").first() if cut else None
    if heard is None:
        return message.text
    incoming = channel_for(heard.account.network).read(bytes(heard.raw), heard.account.settings)
    return clean(incoming.text, len(incoming.text)) if isinstance(incoming, Incoming) else message.text
