"""What Kannel's status page counts: the one proof that a message did not reach the gateway.

Whatever the gateway takes lies in its store until it is sent; then it is counted as sent, or as failed. If the store
was empty before a send and is empty again, nothing more was sent or failed, and the gateway was not restarted, then it
took nothing in between, ours neither. With other traffic the numbers do change; then they prove nothing.
"""

from __future__ import annotations

import re
import time
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from openline.channels import http
from openline.channels.base import AccountRef, ChannelError, NetworkDown, TokenExpired
from openline.channels.sms.providers.base import client

_MANY, _PAUSE_SECONDS = 10, 0.05
_UPTIME = re.compile(r"(\d+)d (\d+)h (\d+)m (\d+)s")


def page(account: AccountRef) -> Element | None:
    """The status page; None if the account names none. Raises a ChannelError."""
    server = account.settings.get("status_server", "").rstrip("/")
    if not server:
        return None
    given = {"password": account.credentials.get("status_password", "")}
    answer = http.call(client(), "GET", f"{server}/status.xml", params=given)
    if b"Denied" in answer.content[:200]:
        raise TokenExpired("The gateway refuses the password of its status page.")
    try:
        found: Element = fromstring(answer.content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise NetworkDown("The gateway's status page cannot be read.") from error
    return found


def when_empty(account: AccountRef) -> dict[str, Any] | None:
    """The numbers at a moment at which nothing lies in the store; None if it does not get less."""
    before = _MANY
    while (found := counts(account)) and 0 < found["stored"] < before:
        before = found["stored"]
        time.sleep(_PAUSE_SECONDS)
    return found if found and found["stored"] == 0 else None


def counts(account: AccountRef) -> dict[str, Any] | None:
    """The numbers, and how many seconds the gateway has been up; None if there are none to be had."""
    try:
        found = page(account)
    except ChannelError:
        return None
    up = _UPTIME.search(found.findtext("status") or "") if found is not None else None
    if found is None or up is None or _number(found, "sms/storesize") < 0:
        return None
    days, hours, minutes, seconds = (int(part) for part in up.groups())
    return {
        "up": ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
        "sent": _number(found, "sms/sent/total"),
        "stored": _number(found, "sms/storesize"),
        "failed": sum(_number(smsc, "failed") for smsc in found.iter("smsc")),
    }


def unchanged(account: AccountRef, before: dict[str, Any]) -> bool:
    """True if the gateway surely took nothing since `before`. Looks twice: the page is not made in one moment."""
    for _look in range(2):
        now = when_empty(account)
        if now is None or now["up"] < before["up"] or any(now[n] != before[n] for n in ("sent", "stored", "failed")):
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def _number(found: Element, path: str) -> int:
    said = (found.findtext(path) or "").strip()
    return int(said) if said.lstrip("-").isdigit() else -1
