"""What a provider of SMS has to do. A new one is one file here and one line in `providers/__init__.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

import httpx

from openline.channels import http
from openline.channels.base import AccountRef, Connected, Finding, Heard, Media, MediaRule, Pushed, Taken, Who


@dataclass(frozen=True, slots=True)
class Text:
    """One message to one number. `mark` is chosen by us, the same for every try; `media` are public addresses."""

    to: str
    body: str
    mark: str
    media: tuple[str, ...] = ()

    @property
    def uri(self) -> str:
        """The name under which a delivery report tells of it."""
        return uri_of(self.mark)


def uri_of(mark: str) -> str:
    """The uri of the message with that mark; "" without one."""
    return f"openline:sms:{mark}" if mark else ""


class Provider(ABC):
    """How one gateway or company takes and brings messages. Stateless, as a channel is."""

    name: ClassVar[str]
    label: ClassVar[str]
    secrets: ClassVar[tuple[str, ...]]
    """The names of its secrets."""
    fields: ClassVar[tuple[str, ...]]
    """The names of what else is asked for it alone."""
    media: ClassVar[tuple[MediaRule, ...]] = ()
    """What it takes beside text (MMS)."""
    answers_keywords: ClassVar[bool] = False
    """True if the provider itself answers STOP, START and HELP unless it is told not to."""

    @abstractmethod
    def connect(self, values: Mapping[str, str]) -> Connected:
        """See `Channel.connect`."""

    @abstractmethod
    def check(self, account: AccountRef) -> Who:
        """See `Channel.check`."""

    @abstractmethod
    def inspect(self, account: AccountRef) -> tuple[Finding, ...]:
        """See `Channel.inspect`."""

    @abstractmethod
    def take(self, account: AccountRef, pushed: Pushed) -> Taken:
        """See `Channel.take`."""

    @abstractmethod
    def poll(self, account: AccountRef, cursor: str) -> Heard:
        """See `Channel.poll`: what the calls to us may have missed, where the provider can be asked."""

    def fetch(self, account: AccountRef, media: Media, most_bytes: int) -> bytes | None:
        """See `Channel.fetch`."""
        return None

    def begin(self, account: AccountRef) -> dict[str, Any]:
        """What to remember (as JSON) before a message goes out, for `find` to compare with. Changes nothing there."""
        return {}

    @abstractmethod
    def send(self, account: AccountRef, text: Text) -> dict[str, str]:
        """Send it; the receipt as JSON. One call."""

    @abstractmethod
    def find(self, account: AccountRef, text: Text, begun: Mapping[str, Any], since: datetime) -> dict[str, str] | None:
        """Look for an earlier try: its receipt as JSON; None if it was surely not sent; raises Unclear if neither can
        be proved."""

    def fate(self, account: AccountRef, receipt: Mapping[str, str]) -> str:
        """In a few words what has become of a message by now; "" if the provider does not say."""
        return ""


WAYS = ("test_number", "most_segments", "plain_signs", "answer_keywords", "help_text", "stop_text", "start_text")
"""The settings of an account whatever its provider."""


def chosen(values: Mapping[str, str], fields: tuple[str, ...]) -> dict[str, str]:
    """What was filled in of these and of what is common to all; nothing else, as that may be another's secret."""
    return {name: values[name].strip() for name in (*fields, *WAYS) if values.get(name, "").strip()}


def secrets_of(values: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """The secrets that were filled in."""
    return {name: values[name] for name in names if values.get(name)}


@cache
def client() -> httpx.Client:
    """One client for all calls: its certificates are loaded once. No line is kept for a second call, since one that
    the server has closed meanwhile would make a send unclear."""
    return http.client(limits=httpx.Limits(max_keepalive_connections=0))
