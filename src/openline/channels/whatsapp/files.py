"""Files that came with messages: their address is asked for, and good for five minutes and with our token only."""

from __future__ import annotations

from openline.channels.base import Rejected
from openline.channels.graph.client import Graph
from openline.channels.reading import text


def fetch(graph: Graph, number: str, media_id: str, most_bytes: int) -> bytes:
    """The bytes of a file of that id. Raises Rejected if it is larger than `most_bytes`, or no id at all."""
    if not media_id.isascii() or not media_id.isalnum():
        raise Rejected("The file has no id that could be asked for.", "media")
    about = graph.get(media_id, phone_number_id=number)
    size = text(about, "file_size")
    if size.isdecimal() and int(size) > most_bytes:
        raise Rejected("The file is larger than what is taken.", "media")
    return graph.download(text(about, "url"), most_bytes)
