"""What a person fills in to connect a number, and what to do at the gateway or provider first."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from openline.channels.accounts import Connection, Field
from openline.channels.sms.writing import USUAL_SEGMENTS

_BOTH = (
    Field("provider", _("Provider"), kind="choice", choices=(("kannel", "Kannel"), ("twilio", "Twilio"))),
    Field("sender", _("Number"), _("Residents write to it. With its country code: +12155550100; or a short code.")),
    Field("test_number", _("Your own phone"), _("Gets the test message."), required=False),
)
_KANNEL = (
    Field("server", _("Kannel: address of sendsms"), "http://10.0.0.5:13013", kind="url", required=False),
    Field("username", _("Kannel: user name"), _("Of the group sendsms-user."), required=False),
    Field("password", _("Kannel: password"), kind="secret", required=False),
    Field(
        "hook_secret",
        _("Kannel: secret of its calls"),
        _("At least 24 letters and digits that you make up. They stand in get-url too."),
        kind="secret",
        required=False,
    ),
    Field(
        "allowed_from",
        _("Kannel: addresses that may call"),
        _("Such as 10.0.0.5. Empty: any that knows the secret."),
        required=False,
    ),
    Field(
        "status_server",
        _("Kannel: address of its status page"),
        _("Such as http://10.0.0.5:13000. It can prove that a message did not go out."),
        kind="url",
        required=False,
    ),
    Field("status_password", _("Kannel: status-password"), kind="secret", required=False),
    Field("smsc", _("Kannel: carrier connection"), _("Its smsc-id, if there are several."), required=False),
)
_TWILIO = (
    Field("account_sid", _("Twilio: Account SID"), "AC…", required=False),
    Field("auth_token", _("Twilio: auth token"), _("Twilio signs its calls with it."), kind="secret", required=False),
    Field(
        "secondary_token",
        _("Twilio: secondary auth token"),
        _("Only while you change tokens: both are taken."),
        kind="secret",
        required=False,
    ),
    Field("api_key", _("Twilio: API key SID"), _("SK…, if calls shall go by a key."), required=False),
    Field("api_secret", _("Twilio: API key secret"), kind="secret", required=False),
    Field("messaging_service", _("Twilio: Messaging Service SID"), _("MG…, if you use one."), required=False),
)
_WAYS = (
    Field(
        "most_segments",
        _("Longest message"),
        _("In SMS of 153 characters, 1 to 10. What is longer goes as numbered messages."),
        kind="number",
        required=False,
        initial=str(USUAL_SEGMENTS),
    ),
    Field(
        "plain_signs",
        _("Plain quotation marks and dashes"),
        _("Only where the message gets shorter by it."),
        kind="choice",
        required=False,
        initial="yes",
        choices=(("yes", _("Yes")), ("no", _("No"))),
    ),
    Field(
        "answer_keywords",
        _("Answer STOP, START and HELP"),
        _("Twilio does so by itself, unless you have switched that off there."),
        kind="choice",
        required=False,
        initial="usual",
        choices=(("usual", _("Kannel: yes; Twilio: leave it to Twilio")), ("yes", _("Yes")), ("no", _("No"))),
    ),
    Field("help_text", _("Answer to HELP"), required=False),
    Field("stop_text", _("Answer to STOP"), required=False),
    Field("start_text", _("Answer to START"), required=False),
)

CONNECTION = Connection(
    fields=(
        *_BOTH,
        *(replace(field, where=("provider", "kannel")) for field in _KANNEL),
        *(replace(field, where=("provider", "twilio")) for field in _TWILIO),
        *(replace(field, more=True) for field in _WAYS),
    ),
    guide=(
        _(
            "Twilio: buy a number that can do SMS (and MMS, for photos). In the US register it for A2P 10DLC, or have "
            "the toll-free number verified: carriers refuse it otherwise."
        ),
        _("Twilio: copy Account SID and auth token from the Console, and fill them in here."),
        _("Twilio: at the number, under “A message comes in”, set Webhook, POST, and the address that is shown here."),
        _("Kannel: make a group sendsms-user with concatenation = true and max-messages = 20."),
        _(
            "Kannel: make a group sms-service with keyword = default, catch-all = true, max-messages = 0, and the "
            "get-url from the documentation, with your secret and the address that is shown here in it."
        ),
        _(
            "Kannel: in the group smsbox set http-request-retry = 1000 and http-queue-delay = 10, so that it repeats "
            "its calls while we are away."
        ),
    ),  # fmt: skip
    hook="account",
)
