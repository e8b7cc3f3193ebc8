"""Kannel, the open SMS gateway that a city runs itself (1.4.5, 2026): `sendsms` out, `get-url` and `dlr-url` in.

Kannel cannot sign its calls, but it can log in: the secret stands before the host of the addresses that it calls, and
arrives as HTTP Basic authorization, in no log of addresses.

`sendsms` gives out no id and can look nothing up. So every message carries a mark of ours in its `dlr-url`: a delivery
report with that mark proves that it was sent. What proves that it was not is in `kannel_counts.py`.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
from django.utils.translation import gettext as _

from openline.channels import http
from openline.channels.base import (
    AccountRef,
    ChannelError,
    Connected,
    Finding,
    Heard,
    NetworkDown,
    NotAllowed,
    Pushed,
    RateLimited,
    Rejected,
    Taken,
    TokenExpired,
    Unclear,
    Unverified,
    Who,
)
from openline.channels.sms.gsm import is_gsm
from openline.channels.sms.numbers import address
from openline.channels.sms.providers import kannel_counts, kannel_reading
from openline.channels.sms.providers.base import Provider, Text, chosen, client, secrets_of
from openline.channels.sms.reading import reported

USER = "openline"
"""The name under which Kannel logs in at our address."""
_REPORTS = "31"
"""dlr-mask: delivered, undeliverable, buffered, taken by the carrier, refused by it."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{24,200}")
_BUSY = timedelta(minutes=1)


class Kannel(Provider):
    """See `Provider`."""

    name: ClassVar[str] = "kannel"
    label: ClassVar[str] = "Kannel"
    secrets: ClassVar[tuple[str, ...]] = ("password", "hook_secret", "status_password")
    fields: ClassVar[tuple[str, ...]] = ("username", "allowed_from", "status_server", "smsc")

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Ask the gateway whether it knows us."""
        server, sender = values.get("server", "").strip().rstrip("/"), values.get("sender", "").strip()
        if urlsplit(server).scheme not in ("http", "https") or not urlsplit(server).hostname:
            raise Rejected(_("Write the address of the gateway's sendsms, such as http://10.0.0.5:13013."), "server")
        if not _SECRET.fullmatch(values.get("hook_secret", "")):
            raise Rejected(_("The secret needs at least 24 letters, digits, - or _."), "hook_secret")
        found, kind = address(sender)
        if not kind:
            raise Rejected(_("Write a number with its country code, a short code, or a name."), "sender")
        _networks(values.get("allowed_from", ""))
        settings = chosen(values, self.fields) | {"provider": self.name, "sender": found}
        credentials = secrets_of(values, self.secrets)
        who = self.check(AccountRef("", found, server, credentials, settings))
        return Connected(who, found, server, credentials, settings)

    def check(self, account: AccountRef) -> Who:
        """A message without a receiver: who may log in is told that it lacks one, and nothing is sent."""
        try:
            _call(account, {}, b"")
        except Rejected:
            sender = account.settings.get("sender", account.handle)
            return Who(sender, sender)
        raise NetworkDown(_("There is no sendsms at this address."))

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """The way back to us, and the gateway's own word on its carriers."""
        hook = bool(account.hook)
        found = [
            Finding(
                hook,
                _("Kannel knows where to bring messages, if its get-url is: %(url)s") % {"url": get_url(account.hook)}
                if hook
                else _("Openline has no public address that Kannel could call: set OPENLINE_URL."),
            )
        ]
        return (*found, *_carriers(account))

    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        """A message or a report. The answer is always empty: Kannel would send its words to the resident."""
        _verify(account, pushed)
        raw = urlsplit(pushed.url).query.encode("latin-1", "replace")
        if not kannel_reading.is_ours(raw):
            raise Rejected("The call has none of the parameters that the guide gives.")
        whole = _whole(account, raw)
        return Taken((kannel_reading.parse(whole),) if whole else ())

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Kannel keeps nothing to be asked for: it repeats its calls until we take them. Shows that it is there."""
        self.check(account)
        return Heard((), cursor)

    def begin(self, account: AccountRef) -> dict[str, Any]:
        """What the gateway has counted so far, if it is idle."""
        found = kannel_counts.when_empty(account)
        return {"counts": found} if found else {}

    def send(self, account: AccountRef, text: Text) -> dict[str, str]:
        """Hand it to the gateway, which joins and cuts by itself. Accepted at once or queued: both is ours to say."""
        headers = {
            "X-Kannel-From": account.settings.get("sender", account.handle),
            "X-Kannel-To": text.to,
            "X-Kannel-Coding": "0" if is_gsm(text.body) else "2",
            "X-Kannel-Meta-Data": f"?openline?mark={text.mark}",  # stands in the gateway's access log, for a person
        }
        if smsc := account.settings.get("smsc"):
            headers["X-Kannel-SMSC"] = smsc
        if account.hook:
            headers |= {"X-Kannel-DLR-Mask": _REPORTS, "X-Kannel-DLR-URL": _dlr_url(account, text.mark)}
        answer = _call(account, headers, text.body.encode("utf-8"))
        if answer.status_code != 202:
            raise Unclear(f"The gateway answers {answer.status_code}, not that it took the message.")
        return _receipt(text)

    def find(self, account: AccountRef, text: Text, begun: Mapping[str, Any], since: datetime) -> dict[str, str] | None:
        """By its delivery report, or by the gateway's having taken nothing at all."""
        if reported(account, text.uri, kannel_reading.FATES):
            return _receipt(text)
        before = begun.get("counts")
        if before and kannel_counts.unchanged(account, before):
            return None
        raise Unclear(_("No delivery report tells yet whether the gateway took this message."))


def get_url(hook: str, secret: str = "SECRET") -> str:  # noqa: S107
    """The `get-url` for Kannel's configuration."""
    return f"{_with_login(hook, secret)}?{kannel_reading.MESSAGE_PARAMETERS}"


def _dlr_url(account: AccountRef, mark: str) -> str:
    login = _with_login(account.hook, account.credentials.get("hook_secret", ""))
    return f"{login}?{kannel_reading.RECEIPT_PARAMETERS.format(mark=mark)}"


def _with_login(hook: str, secret: str) -> str:
    parts = urlsplit(hook)
    return parts._replace(netloc=f"{USER}:{secret}@{parts.netloc}", query="").geturl()


def _receipt(text: Text) -> dict[str, str]:
    return {"network_id": text.mark, "uri": text.uri}


def _call(account: AccountRef, headers: dict[str, str], body: bytes) -> httpx.Response:
    """Everything goes in headers: what stands in an address ends in logs."""
    login = {
        "X-Kannel-Username": account.settings.get("username", ""),
        "X-Kannel-Password": account.credentials.get("password", ""),
    }
    if not all(value.isascii() and value.isprintable() for value in (*login.values(), *headers.values())):
        raise TokenExpired(_("The gateway's user name and password may hold plain letters and signs only."))
    url = f"{account.server.rstrip('/')}/cgi-bin/sendsms"
    sent = {"Content-Type": "text/plain; charset=UTF-8", **login, **headers}
    return http.call(client(), "POST", url, sending=True, refuse=_refused, headers=sent, content=body)


def _refused(response: httpx.Response, sending: bool) -> ChannelError:
    """Kannel's refusals (gw/smsbox.c): it says in words which of them it is."""
    words = response.text.strip()[:200] or f"The gateway answers {response.status_code}."
    if response.status_code == 403:
        return TokenExpired(words) if "Authorization failed" in words else NotAllowed(words)
    if response.status_code == 503 and "Temporal failure" in words:
        return RateLimited(datetime.now(UTC) + _BUSY, _("The gateway is full and took nothing: %s") % words)
    if response.status_code == 404:
        return NetworkDown(_("There is no sendsms at this address."))
    return http.refusal(response, sending, lambda _response: words)


def _verify(account: AccountRef, pushed: Pushed) -> None:
    secret = account.credentials.get("hook_secret", "")
    wanted = b"Basic " + base64.b64encode(f"{USER}:{secret}".encode())
    given = pushed.headers.get("authorization", "").encode("latin-1", "replace")
    if not secret or not hmac.compare_digest(given, wanted):
        raise Unverified("The call does not carry the secret.")
    allowed = _networks(account.settings.get("allowed_from", ""))
    if allowed and not _within(pushed.remote, allowed):
        raise Unverified("The call comes from an address that is not allowed.")


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(said: str) -> list[Network]:
    """The addresses and networks in a list with commas; raises Rejected."""
    try:
        return [ipaddress.ip_network(one.strip()) for one in said.split(",") if one.strip()]
    except ValueError:
        raise Rejected(_("Write addresses such as 10.0.0.5 or 10.0.0.0/24, with commas."), "allowed_from") from None


def _within(remote: str, allowed: list[Network]) -> bool:
    try:
        found = ipaddress.ip_address(remote)
    except ValueError:
        return False
    return any(found in network for network in allowed)


def _whole(account: AccountRef, raw: bytes) -> bytes:
    """The delivery itself; of a long message in parts all of them once they are there, until then nothing."""
    found = kannel_reading.part(raw)
    if found is None:
        return raw
    name, part = found
    return b"\n".join(account.ledger.gather(name, part.number, part.of, raw))


def _carriers(account: AccountRef) -> list[Finding]:
    try:
        page = kannel_counts.page(account)
    except ChannelError as error:
        return [Finding(False, error.reason)]
    if page is None:
        return [
            Finding(
                False,
                _("Without the gateway's status page, a send whose answer was lost may need a person to look."),
            )
        ]
    found = []
    for smsc in page.iter("smsc"):
        name, state = smsc.findtext("id") or "", smsc.findtext("status") or ""
        words = _("Carrier connection %(name)s: %(state)s") % {"name": name, "state": state}
        found.append(Finding(state.startswith("online"), words))
    return found or [Finding(False, _("The gateway has no connection to a carrier."))]
