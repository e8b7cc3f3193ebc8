"""Looking at a page that says it mentions one of ours: is it there, and does it really link to it?

What is found goes to the inbox's door as it came, like all that is heard; the web channel reads it. A page that is gone
(410, or 404) or links no more takes its mention back.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import nh3
from django.conf import settings
from django.utils import timezone

from openline.accounts.models import Account
from openline.channels.base import Incoming
from openline.channels.enclosing import Enclosed, pack
from openline.channels.registry import channel_for
from openline.channels.text import too_deep
from openline.foundation.fetching import Answer, FetchFailed, exchange
from openline.inbox.models import Message
from openline.inbox.receiving import store
from openline.knowledge.queries import public as public_articles
from openline.portal.contact import door
from openline.service_requests import public

MOST_BYTES = 1_000_000
_LONGEST, _REDIRECTS = 1_000, 5
_REQUEST = re.compile(r"/requests/([\w-]{1,20})/?")
_ARTICLE = re.compile(r"/articles/([\w-]{1,120})/?")
_LINKS = nh3.Cleaner(
    tags={"a", "area", "audio", "img", "source", "video"},
    attributes={"a": {"href"}, "area": {"href"}, "audio": {"src"}, "img": {"src"}, "source": {"src"}, "video": {"src"}},
    clean_content_tags={"script", "style", "template"},
    url_schemes={"http", "https"},
    link_rel=None,
)
_ADDRESS = re.compile(r'<\w+ [^>]*?(?:href|src)="([^"]*)"')


class NotTaken(Exception):
    """The mention is not taken; the message says why, for who sent it."""


class TryAgain(Exception):
    """The page's server was in trouble; it may be over soon."""


def check(source: str, target: str) -> None:
    """Raise NotTaken unless both are plain addresses, not the same, and the target is a public page of ours."""
    for text in (source, target):
        if not _is_address(text):
            raise NotTaken("source and target are to be addresses of pages (https://...).")
    if _bare(source) == _bare(target):
        raise NotTaken("source and target are the same page.")
    if not is_ours(target):
        raise NotTaken("target is no public page of this site that takes mentions.")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    return plain and len(text) <= _LONGEST and text.isprintable() and " " not in text


def _bare(address: str) -> str:
    return address.split("#")[0].rstrip("/")


def is_ours(target: str) -> bool:
    """Whether it is a public request's page or an article's: those take mentions, and say so."""
    parts = urlsplit(target)
    if f"{parts.scheme}://{parts.netloc}" != settings.PUBLIC_URL:
        return False
    if found := _REQUEST.fullmatch(parts.path):
        return public.requests().filter(number=found[1]).exists()
    found = _ARTICLE.fullmatch(parts.path)
    return bool(found) and public_articles().filter(slug=found[1]).exists()  # type: ignore[index]


def look(source: str, target: str, *, again: bool) -> str:
    """Fetch the source and put what it says at the door: "new", "changed", "gone", or why it was not taken.

    With `again`, raises TryAgain where another try may help.
    """
    try:
        check(source, target)
        answer = _fetch(source)
    except NotTaken as error:
        return str(error)
    except FetchFailed as error:
        if error.passing and again:
            raise TryAgain(source) from None
        return str(error)
    if answer.status in (404, 410) or (200 <= answer.status < 300 and not links_to(answer, source, target)):
        return _put(source, target, None) or "It does not link to the page."
    if not 200 <= answer.status < 300:
        if again and (answer.status >= 500 or answer.status in (408, 425, 429)):
            raise TryAgain(source)
        return f"The server answered {answer.status}."
    return _put(source, target, answer) or "It was there already."


def _fetch(source: str) -> Answer:
    """The page, through a few redirects, each checked like the first (section 3.2.2)."""
    for _hop in range(_REDIRECTS + 1):
        answer = exchange("GET", source, most_bytes=MOST_BYTES, headers={
            "Accept": "text/html, text/plain;q=0.5", "User-Agent": "Openline Webmention (+https://github.com/openline)",
        })  # fmt: skip
        if answer.status not in (301, 302, 303, 307, 308) or not answer.headers.get("location"):
            return answer
        source = urljoin(source, answer.headers["location"])
    raise FetchFailed("The address leads to ever other addresses.")


def links_to(answer: Answer, source: str, target: str) -> bool:
    """Whether the page links to the very target (section 3.2.2): in HTML as a link or picture, in text word by word."""
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    page = answer.body.decode("utf-8", "replace")
    if kind == "text/plain":
        return target in re.split(r"[\s<>\"']+", page)
    if kind not in ("text/html", "application/xhtml+xml") or too_deep(page):
        return False
    found = (html.unescape(one) for one in _ADDRESS.findall(_LINKS.clean(page)))
    return any(_same(source, one, target) for one in found)


def _same(source: str, link: str, target: str) -> bool:
    try:
        return urljoin(source, link.strip()) == target
    except ValueError:
        return False


def _put(source: str, target: str, answer: Answer | None) -> str:
    """Store what the page says now (None: it is gone). Returns what is new about it, "" for nothing."""
    account, now = door.account(), timezone.now()
    head = {"what": "mention", "source": source, "target": target, "at": now.isoformat()}
    page = [Enclosed("page", answer.headers.get("content-type", ""), answer.body)] if answer else []
    first = channel_for(door.NETWORK).parse(pack(head, page))
    assert isinstance(first, Incoming)
    known = Message.objects.filter(account=account, network_id=first.network_id).exists()
    if answer is None and not known:
        return ""
    raw = pack(head | {"gone": answer is None, "again": known}, page)
    new = store(account.pk, [channel_for(door.NETWORK).parse(raw)])
    if not new:
        return ""
    Account.objects.filter(pk=account.pk).update(last_heard_at=now)
    return "gone" if answer is None else "changed" if known else "new"
