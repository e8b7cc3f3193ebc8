"""Private messages (chat.bsky), which Bluesky's own chat service keeps: reached through the account's server.

The service has no idempotency key. What was said is therefore looked for, behind a mark that is set before sending.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import structlog

from openline.channels import parts, reading
from openline.channels.base import ChannelError, NotAllowed, Outgoing, Progress, RateLimited, Receipt, Rejected, Unclear
from openline.channels.bluesky import facets
from openline.channels.bluesky.client import Session
from openline.channels.bluesky.people import did_of
from openline.channels.bluesky.reading import MESSAGE

logger = structlog.get_logger("openline.bluesky")

SERVICE = "did:web:api.bsky.chat#bsky_chat"
LIMIT = 1_000
_API = "chat.bsky.convo."
_LOG_PAGES = 10
_PAGES_BACK = 10


def service(session: Session) -> str:
    """Which chat service the account's server should ask."""
    return session.account.settings.get("chat_service") or SERVICE


def news(session: Session, cursor: str) -> tuple[list[bytes], str]:
    """Private messages to us since `cursor`, oldest first, and the cursor behind them.

    A chat service that is away or refuses us never stops the hearing of public posts; `inspect` tells why.
    """
    try:
        return _log(session, cursor) if cursor else _unread(session)
    except RateLimited:
        raise
    except ChannelError as error:
        logger.debug("no_private_messages", kind=type(error).__name__, reason=error.reason)
        return [], cursor


def probe(session: Session) -> None:
    """Ask the service for anything; raises a ChannelError if it refuses us."""
    session.get(f"{_API}listConvos", {"limit": 1}, proxy=service(session))


def _log(session: Session, cursor: str) -> tuple[list[bytes], str]:
    entries: list[dict[str, Any]] = []
    for _page in range(_LOG_PAGES):
        answer = session.get(f"{_API}getLog", {"cursor": cursor}, proxy=service(session))
        page, further = reading.children(answer, "logs"), reading.text(answer, "cursor")
        entries += page
        if not page or not further or further == cursor:
            break
        cursor = further
    return _heard(session, entries), cursor


def _unread(session: Session) -> tuple[list[bytes], str]:
    """The first time: what is unread, and the log's end as it was before looking."""
    cursor = reading.text(session.get(f"{_API}getLog", proxy=service(session)), "cursor")
    convos = session.get(f"{_API}listConvos", {"readState": "unread", "limit": 100}, proxy=service(session))
    entries: list[dict[str, Any]] = []
    for convo in reading.children(convos, "convos"):
        count = convo.get("unreadCount")
        wanted = min(max(count, 1), 100) if isinstance(count, int) else 1
        params: dict[str, str | int] = {"convoId": reading.text(convo, "id"), "limit": wanted}
        said = session.get(f"{_API}getMessages", params, proxy=service(session))
        entries += [_entry(convo, message) for message in reversed(reading.children(said, "messages"))]
    return _heard(session, entries), cursor


def _entry(convo: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """A message as the log would tell it."""
    told = {"rev": reading.text(message, "rev"), "convoId": reading.text(convo, "id"), "message": message}
    return {"$type": MESSAGE, **told, "relatedProfiles": reading.children(convo, "members")}


def _heard(session: Session, entries: list[dict[str, Any]]) -> list[bytes]:
    """What others said. Deleted messages have no text, and other entries are no words."""
    found = []
    for entry in entries:
        said = reading.child(entry, "message")
        if entry.get("$type") != MESSAGE or "text" not in said:
            continue
        if reading.text(reading.child(said, "sender"), "did") != session.did:
            found.append(orjson.dumps(entry))
    return found


def send(session: Session, outgoing: Outgoing, progress: Progress) -> Receipt:
    """Say it in the conversation. On a later try, what is there already is not said again."""
    texts, again = _texts(outgoing), progress.done("convo") is not None
    convo = progress.step("convo", lambda: _convo(session, outgoing))

    def say(_n: int, text: str, _above: str) -> dict[str, Any]:
        return (_look(session, convo, text) if again else None) or _say(session, convo["id"], text)

    return parts.say(progress, texts, say)


def find(session: Session, outgoing: Outgoing, progress: Progress) -> Receipt | None:
    """Look for an earlier try. Where none got as far as the conversation, nothing was sent."""
    convo = progress.done("convo")
    if convo is None:
        return None
    return parts.find(progress, _texts(outgoing), lambda _n, text, _above: _look(session, convo, text))


def _texts(outgoing: Outgoing) -> list[str]:
    if outgoing.media:
        raise Rejected("Bluesky's private messages take no pictures or files.", "media")
    text = f"{outgoing.warning}\n\n{outgoing.text}" if outgoing.warning else outgoing.text
    return parts.split(text, LIMIT, facets.length)


def _convo(session: Session, outgoing: Outgoing) -> dict[str, str]:
    """The conversation, and its newest message before we say anything."""
    said = outgoing.in_reply_to
    if said and not said.startswith("at://"):
        params = {"convoId": said.split("/")[0]}
        convo = reading.child(session.get(f"{_API}getConvo", params, proxy=service(session)), "convo")
    else:
        member = did_of(session, outgoing.in_reply_to_author or outgoing.to_handle)
        if not member:
            raise Rejected("Nobody of that name is known, so there is nobody to write to.", "to_handle")
        found = session.get(f"{_API}getConvoForMembers", {"members": [member]}, proxy=service(session))
        convo = reading.child(found, "convo")
    if not reading.text(convo, "id"):
        raise NotAllowed("The chat service opens no conversation with this person.")
    return {"id": reading.text(convo, "id"), "behind": reading.text(reading.child(convo, "lastMessage"), "rev")}


def _say(session: Session, convo: str, text: str) -> dict[str, Any]:
    shown, found = facets.rich(text, lambda handle: did_of(session, handle))
    message = {"text": shown, **({"facets": found} if found else {})}
    said = session.post(f"{_API}sendMessage", {"convoId": convo, "message": message}, proxy=service(session))
    if not reading.text(said, "id"):
        raise Unclear("The service took the message, but names no id.")
    return {"network_id": f"{convo}/{reading.text(said, 'id')}"}


def _look(session: Session, convo: dict[str, str], text: str) -> dict[str, Any] | None:
    """Our message with these words behind the mark."""
    shown, _facets = facets.rich(text, lambda _handle: "")
    ask = partial(session.get, f"{_API}getMessages", proxy=service(session))
    border: dict[str, Any] = {}
    for _page in range(_PAGES_BACK):
        answer = ask({"convoId": convo["id"], "limit": 100, **border})
        for said in reading.children(answer, "messages"):
            if reading.text(said, "rev") <= convo["behind"]:
                return None
            ours = reading.text(reading.child(said, "sender"), "did") == session.did
            if ours and reading.text(said, "text") == shown:
                return {"network_id": f"{convo['id']}/{reading.text(said, 'id')}"}
        border = {"cursor": reading.text(answer, "cursor")}
        if not border["cursor"]:
            return None
    return None
