"""Graph in the name of one page."""

from __future__ import annotations

from openline.channels.base import AccountRef, ChannelError, NotAllowed, Rejected, Unclear
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import Told

_UPLOAD_BEHIND = 1363037
_NOT_YET_PUBLIC = {1363041, 1363019}


class OtherOffset(Rejected):
    """The server has another part of the film than the one that we think comes next: it names it."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__("The server asks for another part of the film.")
        self.start, self.end = start, end


def connected(account: AccountRef) -> Graph:
    """The connection, as the page."""
    return Graph(account, refine=refine)


def page_of(account: AccountRef) -> str:
    """The page's id."""
    found = account.author_id or account.settings.get("page", "")
    if not found.isdecimal():
        raise NotAllowed("The account does not know which page it is: connect it again.")
    return found


def refine(said: Told, sending: bool) -> ChannelError | None:
    """What is Facebook's own among the codes: those of uploads."""
    if said.subcode == _UPLOAD_BEHIND and "start_offset" in said.data:
        return OtherOffset(int(said.data["start_offset"]), int(said.data.get("end_offset") or 0))
    if said.code == 6000 or said.subcode in _NOT_YET_PUBLIC:
        return Unclear(said.reason) if sending else None
    return None
