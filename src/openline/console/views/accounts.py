"""The city's accounts on the networks: how each one is, connecting a new one, connecting it again, trying it out."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.accounts import connecting, health
from openline.accounts.connecting import About
from openline.accounts.models import Account
from openline.channels.base import Channel, ChannelError, Connected, Finding, Rejected
from openline.channels.registry import channels
from openline.console import panes
from openline.console.account_forms import AccountForm, ConnectForm
from openline.console.once import staff
from openline.console.permissions import needs
from openline.foundation.sealing import seal, unseal
from openline.foundation.secrets import UnreadableSecret

_LOGIN = "account_login"


@require_GET
@needs("administer")
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, those that need a hand first."""
    found = [(account, health.troubles(account)) for account in Account.objects.order_by("network", "handle")]
    found.sort(key=lambda pair: not pair[1])
    return _page(request, "console/accounts.html", {"accounts": found, "networks": _networks()})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@needs("administer")
@never_cache
def connect(request: HttpRequest, network: str, account_id: UUID | None = None) -> HttpResponse:
    """What to do on the network, then the fields; kept only if the network accepts. With an account: once more."""
    channel, account = _channel(network), None
    if account_id:
        account = get_object_or_404(Account, pk=account_id, network=network)
    login = request.POST.get("how") == "login"
    form = ConnectForm(channel.fields(), request.POST or None, login=login, known=_known(account))
    if request.method == "POST" and form.is_valid():
        try:
            if login:
                return _to_login(request, channel, form, account)
            return _kept(request, channel.network, channel.connect(form.values()), _about(form, account), account)
        except ChannelError as error:
            field = error.field_name if isinstance(error, Rejected) and error.field_name in form.fields else None
            form.add_error(field, error.reason or _("The network refuses."))
    context = {"form": form, "channel": channel, "account": account, **_addresses(channel)}
    return _page(request, "console/account_connect.html", context, 422 if form.errors else 200)


@require_GET
@needs("administer")
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Where the network's own login page sends the browser back to."""
    begun = request.session.pop(_LOGIN, None) or {}
    state = request.GET.get("state", "")
    if not begun or not secrets.compare_digest(str(begun.get("state", "")).encode(), state.encode()):
        messages.error(request, _("This login was not begun here, or was ended already. Begin again."))
        return redirect("console:accounts")
    channel = _channel(begun["network"])
    account = Account.objects.filter(pk=begun["account"]).first() if begun["account"] else None
    try:
        kept = unseal(begun["kept"].encode())
        connected = channel.authorized(kept, request.GET.dict())
        return _kept(request, channel.network, connected, About(*begun["about"]), account)
    except (ChannelError, UnreadableSecret) as error:
        messages.error(request, str(error) or _("The network refuses."))
        return redirect("console:account_connect", channel.network)


@require_http_methods(["GET", "POST"])
@needs("administer")
@never_cache
def account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """One account: how it is, and what the city says of it."""
    found = get_object_or_404(Account, pk=account_id)
    form = AccountForm(request.POST or None, initial=_described(found))
    if request.method == "POST" and form.is_valid():
        connecting.describe(found, form.about(), by=staff(request).get_username())
        messages.success(request, _("Saved."))
        return redirect("console:account", found.pk)
    return _one(request, found, form)


@require_POST
@needs("administer")
@never_cache
def try_out(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """A live test message to ourselves, and what else is to be looked at."""
    found = get_object_or_404(Account, pk=account_id)
    seen, problem, findings = "", "", tuple[Finding, ...]()
    try:
        channel, ref = _channel(found.network), found.ref()
        findings = channel.inspect(ref)
        seen = channel.try_out(ref, _("A test message from Openline."), f"test:{found.pk}:{secrets.token_hex(8)}")
    except (ChannelError, UnreadableSecret) as error:
        problem = str(error) or _("The network refuses.")
    return _one(request, found, None, {"seen": seen, "problem_text": problem, "findings": findings, "tested": True})


@require_POST
@needs("administer")
def switch(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """On, or off."""
    found = get_object_or_404(Account, pk=account_id)
    connecting.switch(found, request.POST.get("on") == "1", by=staff(request).get_username())
    return redirect("console:account", found.pk)


def _return_to() -> str:
    """Where login pages of networks send the browser back to."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("console:account_back")


def _to_login(request: HttpRequest, channel: Channel, form: ConnectForm, account: Account | None) -> HttpResponse:
    """Send the browser to the network; what is needed when it comes back waits in the session, encrypted.

    By a page of our own, as browsers let no form end on another site (`form-action` of our policy).
    """
    state = secrets.token_urlsafe(24)
    begun = channel.authorize(form.values(), _return_to(), state)
    about = _about(form, account)
    request.session[_LOGIN] = {
        "state": state,
        "network": channel.network,
        "account": str(account.pk) if account else "",
        "about": [about.name, about.owner, about.mandate],
        "kept": seal(begun.kept).decode(),
    }
    page = _page(request, "console/account_leave.html", {"channel": channel, "url": begun.url})
    page["Refresh"] = f"0;url={begun.url}"
    return page


def _addresses(channel: Channel) -> dict[str, str]:
    """What a person has to enter on the network before there is an account here; "" where nothing is needed."""
    one_for_all = channel.connection.hook == "network"
    hook = settings.PUBLIC_URL.rstrip("/") + reverse("hooks:share", args=[channel.network]) if one_for_all else ""
    return {"return_to": _return_to() if channel.connection.names_return else "", "shared_hook": hook}


def _kept(
    request: HttpRequest, network: str, connected: Connected, about: About, account: Account | None
) -> HttpResponse:
    by = staff(request).get_username()
    if account:
        connecting.again(account, connected, by=by)
    else:
        account = connecting.keep(network, connected, about, by=by)
    messages.success(request, _("Connected. The worker hears it within seconds; now send a test message."))
    _settle(request, account)
    return redirect("console:account", account.pk)


def _settle(request: HttpRequest, account: Account) -> None:
    """Have the network call us, where it does; what is left to do is said, and connecting does not fail by it."""
    try:
        findings = _channel(account.network).settle(account.ref())
    except ChannelError as error:
        findings = (Finding(False, error.reason or _("The network refuses.")),)
    for finding in findings:
        (messages.success if finding.good else messages.warning)(request, finding.words)


def _about(form: ConnectForm, account: Account | None) -> About:
    return About(account.name, account.owner, account.mandate) if account else form.about()


def _known(account: Account | None) -> dict[str, str] | None:
    """What an account has already and is no secret."""
    if account is None:
        return None
    return {"handle": account.handle, "server": account.server, **account.settings}


def _channel(network: str) -> Channel:
    try:
        return channels()[network]
    except KeyError:
        raise Http404(network) from None


def _networks() -> list[Channel]:
    """The networks on which an account can be connected here, by name."""
    return sorted(channels().values(), key=lambda one: one.label)


def _one(
    request: HttpRequest, found: Account, form: AccountForm | None = None, more: dict[str, Any] | None = None
) -> HttpResponse:
    channel = channels().get(found.network)
    context = {
        "account": found,
        "channel": channel,
        "form": form or AccountForm(initial=_described(found)),
        "now": timezone.now(),
        "troubles": health.troubles(found),
        "hook": _hook(found) if channel and channel.connection.hook else "",
        **(more or {}),
    }
    return _page(request, "console/account.html", context, 422 if form and form.errors else 200)


def _described(found: Account) -> dict[str, Any]:
    """What the form begins with."""
    return {name: getattr(found, name) for name in ("name", "owner", "mandate", "answers_by_itself")}


def _hook(found: Account) -> str:
    """The address that the network calls."""
    one_for_all = _channel(found.network).connection.hook == "network"
    path = reverse("hooks:share", args=[found.network]) if one_for_all else None
    return settings.PUBLIC_URL.rstrip("/") + (path or reverse("hooks:take", args=[found.network, found.pk]))


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, panes.frame(request) | context, status=status)
