"""Connecting a number of WhatsApp Business with the token of a system user; and having WhatsApp call us."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openline.channels import addresses
from openline.channels.accounts import AccountRef, Connected, Connection, Field, Finding, Who
from openline.channels.base import ChannelError, NotAllowed, Rejected
from openline.channels.graph import login
from openline.channels.graph.client import SERVER, VERSION, Graph
from openline.channels.graph.login import App
from openline.channels.graph.signing import verify_token
from openline.channels.reading import child, text
from openline.channels.whatsapp import errors, rules

_ABOUT = "id,display_phone_number,verified_name,quality_rating,name_status,code_verification_status"
_NUMBERS = ("phone_number_id", "waba_id", "app_id")
_KEPT = ("waba_id", "app_id", "template", "template_language", "api_version")

CONNECTION = Connection(
    fields=(
        Field("phone_number_id", _("Phone number ID"), _("WhatsApp Manager, Phone numbers: a long number.")),
        Field("waba_id", _("Account ID"), _("Of the WhatsApp Business account that has the number.")),
        Field("app_id", _("App ID"), _("Of the city's own app at developers.facebook.com.")),
        Field(
            "app_secret", _("App secret"), _("App settings, Basic. It proves WhatsApp's calls to us."), kind="secret"
        ),
        Field(
            "access_token",
            _("Access token"),
            _("Of a system user, without an end, with whatsapp_business_messaging and whatsapp_business_management."),
            kind="secret",
        ),
        Field(
            "template",
            _("Template for late answers"),
            _("Its name. Approved by WhatsApp, with one parameter in its body. After 24 hours answers go out in it."),
            required=False,
        ),
        Field("template_language", _("Language of the template"), _("Such as en_US or es."), required=False),
        Field("api_version", _("Version of the API"), VERSION, required=False, more=True),
        Field("server", _("Server"), SERVER, kind="url", required=False, more=True),
    ),
    guide=(
        _("At business.facebook.com the city needs a verified business portfolio with a WhatsApp Business account."),
        _("Add a telephone number to it that no WhatsApp app uses, and confirm it by a call or an SMS."),
        _("At developers.facebook.com make an app of the type Business and add the product WhatsApp."),
        _("In the portfolio's settings make a system user, give it the app and the account, and make a token for it."),
        _("In WhatsApp Manager have a template approved for late answers, such as “News of the city: {{1}}”."),
    ),
    hook="network",
)


def connected(account: AccountRef) -> Graph:
    """The Graph API as this number's system user."""
    return Graph(account, refine=errors.refine)


def number_of(account: AccountRef) -> str:
    """The id of the city's number. Raises NotAllowed if the account has none."""
    number = account.author_id or account.settings.get("phone_number_id", "")
    if not number.isdecimal():
        raise NotAllowed(_t("The account names no WhatsApp number: connect it again."))
    return number


def connect(values: Mapping[str, str]) -> Connected:
    """From what was filled in to a number that WhatsApp knows as ours. Raises Rejected naming the field."""
    app = _app(values)
    token, number = values.get("access_token", "").strip(), values.get("phone_number_id", "").strip()
    if not token:
        raise Rejected(_t("Fill in the access token of the system user."), "access_token")
    settings = {name: values.get(name, "").strip() for name in _KEPT} | {"phone_number_id": number}
    credentials = {"access_token": token, "app_secret": app.secret}
    ref = AccountRef("", "", app.server, credentials, settings, author_id=number)
    with connected(ref) as graph:
        found = who(graph, number)
    return Connected(found, found.handle, app.server, credentials, {k: v for k, v in settings.items() if v})


def who(graph: Graph, number: str) -> Who:
    """The number as people know it."""
    said = graph.get(number, fields=_ABOUT)
    digits = "".join(filter(str.isdecimal, text(said, "display_phone_number")))
    return Who(text(said, "id"), f"+{digits}", text(said, "verified_name"))


def settle(account: AccountRef) -> tuple[Finding, ...]:
    """Have WhatsApp call us: for this account, and once for the app."""
    hook, waba = shared_hook(account), account.settings.get("waba_id", "")
    with connected(account) as graph:
        graph.say(f"{waba}/subscribed_apps", {})
    found = [Finding(True, _t("WhatsApp tells our app of what is written to the city."))]
    if not addresses.is_safe(hook):
        return *found, Finding(False, _t("Openline has no public https address that WhatsApp could call."))
    app = _app({**account.settings, **account.credentials, "server": account.server})
    try:
        login.subscribe_app(app, rules.OBJECT, rules.FIELDS, hook, verify_token(app.secret))
        return *found, Finding(True, _t("WhatsApp calls us at %s.") % hook)
    except ChannelError as error:
        words = _t("WhatsApp does not call us yet (%(why)s). In the app, at WhatsApp, Configuration: callback "
                   "%(hook)s, verify token %(token)s, field messages.")  # fmt: skip
        told = {"why": error, "hook": hook, "token": verify_token(app.secret)}
        return *found, Finding(False, words % told)


def inspect(graph: Graph, account: AccountRef) -> tuple[Finding, ...]:
    """What a person should know of the number."""
    said = graph.get(number_of(account), fields=_ABOUT)
    quality, name = text(said, "quality_rating") or "NA", text(said, "name_status")
    found = [Finding(quality in ("GREEN", "NA"), _t("Quality of the number, by what people say of us: %s.") % quality)]
    if name in ("DECLINED", "EXPIRED"):
        found.append(Finding(False, _t("WhatsApp does not accept the displayed name: %s.") % name))
    waba, app_id = account.settings.get("waba_id", ""), account.settings.get("app_id", "")
    apps = [text(child(one, "whatsapp_business_api_data"), "id") for one in graph.items(f"{waba}/subscribed_apps")]
    words = _t("WhatsApp tells our app what is written.") if app_id in apps else _t(
        "WhatsApp does not tell our app what is written: connect the account again.")  # fmt: skip
    return *found, Finding(app_id in apps, words), _template(graph, waba, account.settings)


def _template(graph: Graph, waba: str, settings: Mapping[str, str]) -> Finding:
    name = settings.get("template", "")
    if not name:
        return Finding(False, _t("There is no template: after 24 hours nobody can be answered."))
    states = {text(one, "status") for one in graph.items(f"{waba}/message_templates", name=name, fields="name,status")
              if text(one, "name") == name}  # fmt: skip
    good = "APPROVED" in states
    told = {"name": name, "state": ", ".join(sorted(states)) or _t("not there")}
    return Finding(good, _t("Template %(name)s: %(state)s.") % told)


def shared_hook(account: AccountRef) -> str:
    """The one address for all numbers of the app, above the account's own."""
    return account.hook.rstrip("/").rpartition("/")[0] + "/" if account.hook else ""


def _app(values: Mapping[str, str]) -> App:
    for name in _NUMBERS:
        if not values.get(name, "").strip().isdecimal():
            raise Rejected(_t("This is a number, as Meta shows it."), name)
    secret = values.get("app_secret", "").strip()
    if not secret:
        raise Rejected(_t("Without the app secret nobody can tell WhatsApp's calls from forged ones."), "app_secret")
    server = addresses.server(values.get("server", ""), SERVER)
    return App(values["app_id"].strip(), secret, server, values.get("api_version", "").strip() or VERSION)
