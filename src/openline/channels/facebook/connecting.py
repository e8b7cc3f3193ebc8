"""Connecting a page: by Facebook Login, or with a token that was made at Meta; and having Facebook call us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openline.channels import addresses
from openline.channels import reading as plain
from openline.channels.accounts import AccountRef, Authorizing, Connected, Connection, Field, Finding, Who
from openline.channels.base import ChannelError, NotAllowed, Rejected
from openline.channels.facebook import rules
from openline.channels.facebook.page import connected, page_of
from openline.channels.graph import login
from openline.channels.graph.client import SERVER, VERSION, Graph
from openline.channels.graph.login import App
from openline.channels.graph.signing import verify_token

_PAGE_FIELDS = "id,name,username,link,access_token,tasks"
_NEEDED_TASKS = ("CREATE_CONTENT", "MODERATE", "MESSAGING")

CONNECTION = Connection(
    fields=(
        Field("app_id", _("App ID"), _("Of the city's own app at developers.facebook.com.")),
        Field(
            "app_secret", _("App secret"), _("App settings, Basic. It proves Facebook's calls to us."), kind="secret"
        ),
        Field(
            "page",
            _("Page"),
            _("Its name, number or address. Only needed if you manage more than one."),
            required=False,
        ),
        Field(
            "human_agent",
            _("Human Agent is allowed"),
            _("Facebook has given the app this permission: people may answer for 7 days instead of 24 hours."),
            kind="yes_no",
            required=False,
        ),
        Field(
            "access_token",
            _("Page access token"),
            _("Only if you do not use the login: of a system user, that does not run out."),
            kind="secret",
            required=False,
            more=True,
        ),
        Field(
            "login_config",
            _("Configuration of the login"),
            _("Its number, if the app uses Facebook Login for Business."),
            required=False,
            more=True,
        ),
        Field("api_version", _("Version of the API"), VERSION, required=False, more=True),
        Field("server", _("Server"), SERVER, kind="url", required=False, more=True),
    ),
    guide=(
        _("At developers.facebook.com make an app of the type Business, in the name of the city's business portfolio."),
        _("Add the products Facebook Login for Business, Messenger and Webhooks."),
        _("In the login's settings, enter this site's address of return as a valid OAuth redirect URI."),
        _("Fill in App ID and app secret here and log in as somebody who has full control of the page."),
        _("Ask for advanced access to the permissions and switch the app to Live; before, only its staff is heard."),
    ),
    own_login=True,
    names_return=True,
    hook="network",
)


def app_of(values: Mapping[str, str]) -> App:
    """The city's app, of what was filled in. Raises Rejected naming the field."""
    number, secret = values.get("app_id", "").strip(), values.get("app_secret", "").strip()
    if not number.isdecimal():
        raise Rejected(_t("The App ID is a number."), "app_id")
    if not secret:
        raise Rejected(_t("Without the app secret nobody can tell Facebook's calls from forged ones."), "app_secret")
    server = addresses.server(values.get("server", ""), SERVER)
    return App(number, secret, server, values.get("api_version", "").strip() or VERSION)


def authorize(values: Mapping[str, str], return_to: str, state: str) -> Authorizing:
    """To Facebook's login page."""
    app = app_of(values)
    names = ("app_id", "app_secret", "page", "human_agent", "login_config", "api_version", "server")
    kept = {name: values.get(name, "") for name in names} | {"return_to": return_to, "state": state}
    url = login.dialog(app, return_to, state, rules.SCOPES, values.get("login_config", "").strip())
    return Authorizing(url, kept)


def authorized(kept: Mapping[str, str], query: Mapping[str, str]) -> Connected:
    """From the code to the page's own token, by way of the long one of the person."""
    if query.get("state") != kept.get("state"):
        raise NotAllowed(_t("This login was not begun here. Begin again."))
    if not query.get("code"):
        raise NotAllowed(query.get("error_description") or _t("The login was not finished at Facebook."))
    app = app_of(kept)
    short = login.by_code(app, query["code"], kept["return_to"])
    person = login.long_lived(app, short.value)
    with Graph(app.account(person.value)) as graph:
        user = plain.text(graph.get("me", fields="id"), "id")
        pages = list(graph.items("me/accounts", fields=_PAGE_FIELDS))
    page = _chosen(pages, kept.get("page", ""))
    _must_be_allowed(page)
    token = plain.text(page, "access_token")
    if not token:
        raise NotAllowed(_t("Facebook gives no token for this page: log in again and choose the page there."))
    return _kept(app, kept, page, token, user)


def connect(values: Mapping[str, str]) -> Connected:
    """With a token that was made at Meta: of the page, or of a system user who has it."""
    app, token = app_of(values), values.get("access_token", "").strip()
    if not token:
        raise Rejected(_t("Log in at Facebook, or fill in a token of the page."), "access_token")
    with Graph(app.account(token)) as graph:
        me = graph.get("me", fields="id,name")
        try:
            pages = list(graph.items("me/accounts", fields=_PAGE_FIELDS))
        except (Rejected, NotAllowed):  # a page has no accounts: the token is the page's own
            pages = []
    if not pages:
        return _kept(app, values, me, token, "")
    page = _chosen(pages, values.get("page", ""))
    _must_be_allowed(page)
    return _kept(app, values, page, plain.text(page, "access_token"), plain.text(me, "id"))


def who(account: AccountRef) -> Who:
    """The page as others know it, and when its token runs out, if it does."""
    with connected(account) as graph:
        said = graph.get(page_of(account), fields="id,name,username")
    name = plain.text(said, "name")
    return Who(plain.text(said, "id"), plain.text(said, "username") or name, name, _end(account))


def _end(account: AccountRef) -> datetime | None:
    """Only a token of a system user may have an end; the others have none, which Meta writes as 0."""
    try:
        app = app_of({**account.settings, **account.credentials, "server": account.server})
        stamp = login.about(app, account.credentials["access_token"]).get("expires_at")
    except ChannelError:  # not worth failing for
        return None
    return plain.moment(stamp) if stamp else None


def settle(account: AccountRef) -> tuple[Finding, ...]:
    """Have Facebook call us: once for the app, once for this page."""
    hook, found = shared_hook(account), list[Finding]()
    with connected(account) as graph:
        graph.post(f"{page_of(account)}/subscribed_apps", {"subscribed_fields": ",".join(rules.FIELDS)})
    found.append(Finding(True, _t("Facebook tells us of comments, mentions and messages of this page.")))
    if not addresses.is_safe(hook):
        return *found, Finding(False, _t("Openline has no public https address that Facebook could call."))
    app = app_of({**account.settings, **account.credentials, "server": account.server})
    try:
        login.subscribe_app(app, "page", rules.FIELDS, hook, verify_token(app.secret))
        found.append(Finding(True, _t("Facebook calls us at %s.") % hook))
    except ChannelError as error:
        words = _t("Facebook does not call us yet (%(why)s). In the app, at Webhooks, Page: callback %(hook)s, verify "
                   "token %(token)s, fields %(fields)s.")  # fmt: skip
        told = {"why": error, "hook": hook, "token": verify_token(app.secret), "fields": ", ".join(rules.FIELDS)}
        found.append(Finding(False, words % told))
    return *found, *by_hand(hook)


def by_hand(hook: str) -> tuple[Finding, ...]:
    """What only a person can enter at Meta."""
    return (
        Finding(True, _t("In the app, at the login's settings, enter as deauthorize callback: %s") % hook),
        Finding(True, _t("and as data deletion callback: %s") % f"{hook}?about=erase"),
    )


def shared_hook(account: AccountRef) -> str:
    """The one address for all pages of the app, above the account's own."""
    return account.hook.rstrip("/").rpartition("/")[0] + "/" if account.hook else ""


def _chosen(pages: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """The page that was named, or the only one. Raises Rejected naming all."""
    if not pages:
        raise NotAllowed(_t("This login manages no page, or did not share one with the app."))
    word = wanted.strip().rstrip("/").rpartition("/")[2].removeprefix("@").lower()
    matching = [one for one in pages if word in _names(one)] if word else pages
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join(f"{plain.text(one, 'name')} ({plain.text(one, 'id')})" for one in pages)
    raise Rejected(_t("This login manages several pages: name one of %s.") % listed, "page")


def _names(page: Mapping[str, Any]) -> set[str]:
    known = {plain.text(page, name).lower() for name in ("id", "name", "username")}
    return {one for one in known if one}


def _must_be_allowed(page: Mapping[str, Any]) -> None:
    tasks = page.get("tasks")
    missing = [one for one in _NEEDED_TASKS if isinstance(tasks, list) and one not in tasks]
    if missing:
        raise NotAllowed(_t("This person may not do enough on the page; missing: %s.") % ", ".join(missing))


def _kept(app: App, values: Mapping[str, str], page: Mapping[str, Any], token: str, user: str) -> Connected:
    number = plain.text(page, "id")
    settings = {"app_id": app.id, "page": number, "user_id": user, "api_version": app.version}
    if values.get("human_agent") in ("yes", "on", "true", "1"):
        settings["human_agent"] = "yes"
    credentials = {"access_token": token, "app_secret": app.secret}
    account = AccountRef("", "", app.server, credentials, settings, author_id=number)
    found = who(account)
    return Connected(found, found.handle, app.server, credentials, settings)
