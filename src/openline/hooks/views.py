"""The door for networks that call us: check, store as it came, answer at once. What it means is found out later."""

from __future__ import annotations

import secrets
from uuid import UUID

import structlog
from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from openline.accounts import connecting
from openline.accounts.models import Account
from openline.channels.base import AccountRef, ChannelError, Pushed, Shared, Taken, Unverified
from openline.channels.registry import channel_for, channels
from openline.files import published, serving
from openline.foundation.callers import address_of
from openline.foundation.secrets import UnreadableSecret
from openline.inbox.receiving import receive_pushed

MOST_BYTES = 5_000_000
_ERASED = "openline.hooks.erased"


class TooLarge(Exception):
    """Nobody's call is as large as that."""


logger = structlog.get_logger("openline.hooks")


@csrf_exempt
def take(request: HttpRequest, network: str, account_id: UUID) -> HttpResponse:
    """One call of a network. An account that is switched off still hears what is pushed: nothing said is lost."""
    account = get_object_or_404(Account, pk=account_id, network=network)
    try:
        taken = channel_for(network).take(account.ref(), pushed(request))
    except TooLarge:
        return _words(413, "The body is too large.")
    except (LookupError, UnreadableSecret) as error:
        logger.error("call_not_taken", account=str(account_id), reason=str(error))
        return _words(503, "This call cannot be checked at the moment: bring it again.")
    except Unverified as error:
        logger.warning("unverified_call", account=str(account_id), reason=error.reason)
        return _words(403, "This call does not prove that it comes from the network.")
    except ChannelError as error:
        logger.warning("call_refused", account=str(account_id), kind=type(error).__name__)
        return _words(400, error.reason)
    receive_pushed(account.pk, taken.items)
    return _answer(taken)


@csrf_exempt
def share(request: HttpRequest, network: str) -> HttpResponse:
    """One call of a network that calls all accounts of an app at one address: each gets what is its own."""
    if network not in channels():
        raise Http404(network)
    accounts = list(Account.objects.filter(network=network))
    try:
        shared = channel_for(network).share(_readable(accounts), pushed(request))
    except TooLarge:
        return _words(413, "The body is too large.")
    except Unverified as error:
        logger.warning("unverified_call", network=network, reason=error.reason)
        return _words(403, "This call does not prove that it comes from the network.")
    except ChannelError as error:
        logger.warning("call_refused", network=network, kind=type(error).__name__)
        return _words(400, error.reason)
    for account in accounts:
        if items := shared.items.get(str(account.pk), ()):
            receive_pushed(account.pk, items)
        if str(account.pk) in shared.withdrawn:
            connecting.withdrawn(account, by=network, erase=shared.erase)
    return _answer(Taken((), shared.status, _with_page(shared), shared.content_type))


def _readable(accounts: list[Account]) -> list[AccountRef]:
    """The accounts as their channel sees them. One whose secrets cannot be read stops no other."""
    found = []
    for account in accounts:
        try:
            found.append(account.ref())
        except UnreadableSecret as error:
            logger.error("account_unreadable", account=str(account.pk), reason=str(error))
    return found


def _with_page(shared: Shared) -> str:
    """The answer, with the page about an erasure where it has to name one."""
    if not shared.erase:
        return shared.body
    code = signing.TimestampSigner(salt=_ERASED).sign(secrets.token_hex(6))
    page = settings.PUBLIC_URL.rstrip("/") + reverse("hooks:erased", args=[code])
    return shared.body.replace("{page}", page).replace("{code}", code)


@require_safe
def erased(request: HttpRequest, code: str) -> HttpResponse:
    """What became of a wish to erase what a network had given us for somebody's login."""
    try:
        signing.TimestampSigner(salt=_ERASED).unsign(code)
    except signing.BadSignature:
        raise Http404 from None
    return _words(
        200,
        "The login that this network had given us was erased, with all that was kept of it."
        " What was said to the city, and by it, are public records and stay.",
    )


@require_safe
def document(request: HttpRequest, **_parts: str) -> HttpResponse:
    """What a network looks for on the city's own site: a proof of an account, or who we are. For every origin."""
    channel = next((one for one in channels().values() if request.path in one.documents), None)
    if channel is None:
        raise Http404
    accounts = [one.public_ref() for one in Account.objects.filter(network=channel.network, enabled=True)]
    return_to = settings.PUBLIC_URL.rstrip("/") + reverse("console:account_back")
    found = channel.document(request.path, request.GET.dict(), accounts, return_to)
    if found is None:
        raise Http404
    answer = HttpResponse(found.body, content_type=found.content_type)
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, max-age=300"
    return answer


def pushed(request: HttpRequest) -> Pushed:
    """The request as a channel sees it: the address is the public one, whatever a proxy made of it. Raises TooLarge."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge
    headers = {name.lower(): value for name, value in request.headers.items()}
    url = settings.PUBLIC_URL.rstrip("/") + request.get_full_path()
    return Pushed(request.method or "GET", url, headers, request.GET.dict(), body, address_of(request))


@require_safe
def media(request: HttpRequest, token: str) -> HttpResponse:
    """A file that a network fetches from us, because it goes out with a message: for two days, by a signed address."""
    key = published.key_of(token)
    if key is None:
        raise Http404
    if key.endswith(".mp4"):
        answer = serving.page_film(request, key, public=False)
    else:
        answer = serving.stored(key, "image/jpeg", "photo.jpg")
    answer["Cache-Control"] = "private, max-age=3600"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _answer(taken: Taken) -> HttpResponse:
    return HttpResponse(taken.body, status=taken.status, content_type=f"{taken.content_type}; charset=utf-8")


def _words(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
