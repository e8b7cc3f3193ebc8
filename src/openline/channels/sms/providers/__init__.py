"""The providers of SMS: a file each."""

from __future__ import annotations

from openline.channels.sms.providers.base import Provider
from openline.channels.sms.providers.kannel import Kannel
from openline.channels.sms.providers.twilio import Twilio

PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in (Kannel(), Twilio())}
