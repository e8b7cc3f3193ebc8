"""Twilio's Programmable Messaging (API 2010-04-01, 2026): SMS, and MMS where the number has it.

Twilio knows no idempotency key. Each message carries a mark of ours in its status callback, so that the first callback
says under which SID it was taken; besides, the account's messages can be listed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import orjson
from django.utils.translation import gettext as _

from openline.channels import reading as plain
from openline.channels.base import (
    AccountRef,
    Connected,
    Finding,
    Heard,
    Incoming,
    Media,
    MediaRule,
    NetworkDown,
    NotAllowed,
    Pushed,
    Rejected,
    Taken,
    TokenExpired,
    Unclear,
    Who,
)
from openline.channels.sms.numbers import address, is_toll_free
from openline.channels.sms.providers import twilio_api as api
from openline.channels.sms.providers import twilio_reading
from openline.channels.sms.providers.base import Provider, Text, chosen, secrets_of
from openline.channels.sms.providers.twilio_signature import form_of, verify
from openline.channels.sms.reading import reported
from openline.foundation import fetching
from openline.foundation.fetching import Answer, FetchFailed

_ACCOUNT, _KEY, _SERVICE = (re.compile(rf"{kind}[0-9a-fA-F]{{32}}") for kind in ("AC", "SK", "MG"))
_MEDIA_HOSTS = (".twiliocdn.com", ".twilio.com", ".amazonaws.com")
_TRIAL = "Sent from your Twilio trial account - "
_FIRST_LOOK = timedelta(days=1)
_PORTION = 1000


class Twilio(Provider):
    """See `Provider`."""

    name: ClassVar[str] = "twilio"
    label: ClassVar[str] = "Twilio"
    answers_keywords: ClassVar[bool] = True
    secrets: ClassVar[tuple[str, ...]] = ("auth_token", "secondary_token", "api_secret")
    fields: ClassVar[tuple[str, ...]] = ("account_sid", "messaging_service", "api_key")
    media: ClassVar[tuple[MediaRule, ...]] = (
        MediaRule("image", ("image/jpeg", "image/png", "image/gif"), 10, 5_000_000),
        MediaRule("video", ("video/mp4", "video/3gpp"), 1, 500_000),
        MediaRule("audio", ("audio/mpeg", "audio/amr", "audio/mp4"), 1, 500_000),
        MediaRule("file", ("application/pdf", "text/vcard", "text/calendar"), 1, 500_000),
    )

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Ask Twilio whether it knows us, and whether the number is ours."""
        sid, service, key = (values.get(name, "").strip() for name in ("account_sid", "messaging_service", "api_key"))
        for name, value, form in (("account_sid", sid, _ACCOUNT), ("messaging_service", service, _SERVICE),
                                  ("api_key", key, _KEY)):  # fmt: skip
            if (value or name == "account_sid") and not form.fullmatch(value):
                raise Rejected(_("This is not the form of such a name: two letters and 32 signs."), name)
        if not values.get("auth_token"):
            raise Rejected(_("Without the auth token nobody can tell Twilio's calls from forged ones."), "auth_token")
        found, kind = address(values.get("sender", ""))
        if not kind:
            raise Rejected(_("Write a number with its country code, a short code, or a name."), "sender")
        server = values.get("server", "").strip().rstrip("/") or api.SERVER
        settings = chosen(values, self.fields) | {"provider": self.name, "sender": found}
        credentials = secrets_of(values, self.secrets)
        account = AccountRef("", found, server, credentials, settings)
        try:
            who = self.check(account)
        except NotAllowed as error:
            raise Rejected(error.reason, "sender") from error
        settings["mms"] = "yes" if _can_mms(account) else "no"
        return Connected(who, found, server, credentials, settings)

    def check(self, account: AccountRef) -> Who:
        """Log in, and look whether the number is this account's."""
        sender = account.settings.get("sender", account.handle)
        if address(sender)[1] != "number" or account.settings.get("messaging_service"):
            api.call(account, "GET", "/Messages.json", params={"PageSize": "1"})
        elif not _number(account):
            raise NotAllowed(_("The number %s does not belong to this account at Twilio.") % sender)
        return Who(sender, sender)

    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """Where Twilio brings messages, what the number can, and the registrations that carriers ask for."""
        found = [_way_back(account)]
        if number := _number(account):
            found += _number_findings(account, number)
        sender = account.settings.get("sender", "")
        if is_toll_free(sender):
            words = _("US carriers want the toll-free number verified (Twilio Console, Toll-free verification).")
            found.append(Finding(True, words))
        elif sender.startswith("+1"):
            words = _("US carriers want numbers registered for A2P 10DLC (Twilio Console, Regulatory compliance).")
            found.append(Finding(True, words))
        if account.credentials.get("secondary_token"):
            found.append(Finding(True, _("A second auth token is kept: promote it at Twilio, then take it out here.")))
        return tuple(found)

    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        """A message or a status. The answer is empty TwiML: what the city says goes through its outbox."""
        query = urlsplit(pushed.url).query
        own = [f"{account.hook.split('?')[0]}?{query}".removesuffix("?")] if account.hook else []
        secrets = (account.credentials.get(name, "") for name in ("auth_token", "secondary_token"))
        verify(pushed, dict.fromkeys([pushed.url, *own]), secrets)
        form = dict(form_of(pushed) or [])
        if form.get("AccountSid") and form["AccountSid"] != account.settings.get("account_sid"):
            raise NotAllowed("The call is about another account at Twilio.")
        # A call tells no time, so the time of its arrival is kept with it.
        raw = f"at={int(time.time())}&{query}".encode("latin-1", "replace") + b"\n" + pushed.body
        return Taken((twilio_reading.parse(raw),), body="<Response/>", content_type="text/xml")

    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """Messages to our number since `cursor` (an ISO time), oldest first: what Twilio's calls may have missed."""
        since = plain.moment(cursor) or datetime.now(UTC) - _FIRST_LOOK
        found = api.messages(account, since, To=account.settings.get("sender", account.handle))
        dated = [(twilio_reading.moment(item, "date_created") or since, item) for item in found]
        inbound = [(at, item) for at, item in reversed(dated) if plain.text(item, "direction") == "inbound"]
        if len(inbound) > _PORTION:  # never cut within a second: the cursor is no finer
            border = inbound[_PORTION][0]
            inbound = [one for one in inbound if one[0] < border] or inbound
        items = tuple(twilio_reading.parse(_with_media(account, item)) for _at, item in inbound)
        return Heard(items, inbound[-1][0].isoformat() if inbound else cursor or since.isoformat())

    def fetch(self, account: AccountRef, media: Media, most_bytes: int) -> bytes:
        """A photo: Twilio's API gives it to who logs in, by sending on to where it lies, which needs no login."""
        if not api.own_host(account, media.url):
            raise Rejected("The file does not lie at Twilio.")
        try:
            answer = api.file(account, media.url, most_bytes)
            return _followed(account, media.url, answer, most_bytes)
        except FetchFailed as error:
            raise (NetworkDown if error.passing else Rejected)(str(error)) from error

    def send(self, account: AccountRef, text: Text) -> dict[str, str]:
        """Hand it to Twilio."""
        service = account.settings.get("messaging_service", "")
        sender = {"MessagingServiceSid": service} if service else {"From": account.settings.get("sender", "")}
        form: dict[str, Any] = {"To": text.to, **sender}
        if text.body:
            form["Body"] = text.body
        if text.media:
            form["MediaUrl"] = list(text.media)
        if account.hook:
            form["StatusCallback"] = f"{account.hook}?mark={text.mark}"
        sid = plain.text(api.call(account, "POST", "/Messages.json", data=form), "sid")
        if not sid:
            raise Unclear("Twilio took the message, but names no SID.")
        return {"network_id": sid, "uri": text.uri}

    def find(self, account: AccountRef, text: Text, begun: Mapping[str, Any], since: datetime) -> dict[str, str] | None:
        """By its status callback, which is exact; else the oldest message of the same words to the same number that is
        no other message of ours."""
        raw = reported(account, text.uri, twilio_reading.FATES)
        report = twilio_reading.parse(raw) if raw else None
        if isinstance(report, Incoming):
            return {"network_id": report.network_id, "uri": text.uri}
        alike = [item for item in api.messages(account, since, To=text.to) if _is_it(account, item, text)]
        for item in reversed(alike):
            if not account.ledger.ours(plain.text(item, "sid")):
                return {"network_id": plain.text(item, "sid"), "uri": text.uri}
        return None

    def fate(self, account: AccountRef, receipt: Mapping[str, str]) -> str:
        """Twilio's word for its state."""
        item = api.call(account, "GET", f"/Messages/{receipt['network_id']}.json")
        return plain.text(item, "status")


def _number(account: AccountRef) -> dict[str, Any] | None:
    sender = account.settings.get("sender", account.handle)
    if address(sender)[1] != "number":
        return None
    answer = api.call(account, "GET", "/IncomingPhoneNumbers.json", params={"PhoneNumber": sender})
    found = plain.children(answer, "incoming_phone_numbers")
    return next((one for one in found if plain.text(one, "phone_number") == sender), None)


def _can_mms(account: AccountRef) -> bool:
    return plain.child(_number(account), "capabilities").get("mms") is True


def _way_back(account: AccountRef) -> Finding:
    good = account.hook.startswith("https://")
    words = _("Twilio can call us at %s.") % account.hook
    return Finding(good, words if good else _("Openline has no public https address that Twilio could call."))


def _number_findings(account: AccountRef, number: dict[str, Any]) -> list[Finding]:
    can = plain.child(number, "capabilities")
    set_to = plain.text(number, "sms_url")
    found = [Finding(can.get("sms") is True, _("The number takes and sends text messages."))]
    if can.get("sms") is not True:
        found = [Finding(False, _("The number cannot do text messages: choose another at Twilio."))]
    if not account.settings.get("messaging_service"):
        good = bool(account.hook) and set_to.split("?")[0].rstrip("/") == account.hook.rstrip("/")
        words = _("Messages to the number are brought to us.")
        wrong = _("At Twilio, set the number's “A message comes in” webhook to %s.") % account.hook
        found.append(Finding(good, words if good else wrong))
    return found


def _is_it(account: AccountRef, item: dict[str, Any], text: Text) -> bool:
    service = account.settings.get("messaging_service", "")
    sender = plain.text(item, "messaging_service_sid") == service if service else (
        plain.text(item, "from") == account.settings.get("sender"))  # fmt: skip
    return (
        sender
        and plain.text(item, "direction").startswith("outbound")
        and plain.text(item, "to") == text.to
        and plain.text(item, "body").removeprefix(_TRIAL).split() == text.body.split()
        and plain.text(item, "num_media") in ("", str(len(text.media)))
    )


def _with_media(account: AccountRef, item: dict[str, Any]) -> bytes:
    """The message as JSON, with the addresses of its media, which the list of messages leaves out."""
    sid = plain.text(item, "sid")
    if plain.text(item, "num_media") not in ("", "0"):
        answer = api.call(account, "GET", f"/Messages/{sid}/Media.json")
        item = item | {
            "openline_media": [
                {
                    "url": api.address(account, f"/Messages/{sid}/Media/{plain.text(one, 'sid')}"),
                    "content_type": plain.text(one, "content_type"),
                }
                for one in plain.children(answer, "media_list")
            ]
        }
    return orjson.dumps(item)


def _followed(account: AccountRef, url: str, answer: Answer, most_bytes: int) -> bytes:
    if answer.status in (301, 302, 303, 307, 308):
        further = urljoin(url, answer.headers.get("location", ""))
        host = urlsplit(further).hostname or ""
        if not (host.endswith(_MEDIA_HOSTS) or api.own_host(account, further)):
            raise Rejected("Twilio sends on to a place that is not its own.")
        return fetching.fetch(further, most_bytes=most_bytes, own=account.server)
    if answer.status in (401, 403):
        raise TokenExpired(f"Twilio does not give out the file ({answer.status}).")
    if answer.status != 200:
        passing = answer.status == 429 or answer.status >= 500
        raise FetchFailed(f"Twilio answered {answer.status}.", passing=passing)
    return answer.body
