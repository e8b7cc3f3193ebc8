"""What was not sent, and what could not be read."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from openline.accounts.models import Account
from openline.console import panes
from openline.console.once import staff
from openline.console.permissions import needs, visible_conversations
from openline.console.views.inbox import show_after
from openline.inbox import queries
from openline.inbox.models import Heard
from openline.outbox import actions
from openline.outbox.models import HELD, Delivery
from openline.publishing import listing
from openline.publishing.models import Variant

MOST = 500


@require_GET
@needs("deliveries")
def unsent(request: HttpRequest) -> HttpResponse:
    """Failed, unclear and late deliveries, grouped by account and cause."""
    found = sorted(queries.unsent()[:MOST], key=_cause)
    posts = listing.of_deliveries([delivery.pk for delivery in found])
    for delivery in found:
        delivery.post = posts.get(delivery.pk)  # type: ignore[attr-defined]
    groups = [
        {"cause": cause, "held": cause[2] == HELD, "rows": list(rows)} for cause, rows in groupby(found, key=_cause)
    ]
    late = groupby(listing.missed(MOST), key=_reason)
    missed = [{"reason": reason, "rows": list(rows)} for reason, rows in late]
    return render(
        request,
        "console/unsent.html",
        _page(request)
        | {
            "groups": groups,
            "missed": missed,
            "shown_view": "unsent",
            "cut": len(found) == MOST,
            "most": MOST,
            "now": timezone.now(),
        },
    )


def _reason(variant: Variant) -> str:
    return variant.reason


def _cause(delivery: Delivery) -> tuple[str, str, str, str]:
    """What deliveries are grouped by: account, state, kind of error, and the reason in words."""
    return str(delivery.account), delivery.get_state_display(), delivery.error_kind, delivery.error


@require_GET
@needs("see_refused")
def refused(request: HttpRequest) -> HttpResponse:
    """Deliveries of the networks that could not be read, with the reason and the beginning of what arrived."""
    rows = queries.refused(_uuid(request.GET.get("before", "")))
    following = rows[queries.PAGE - 1].pk if len(rows) > queries.PAGE else None
    shown = [{"heard": row, "beginning": beginning(row)} for row in rows[: queries.PAGE]]
    return render(
        request,
        "console/refused.html",
        _page(request) | {"rows": shown, "following": following, "shown_view": "refused"},
    )


def beginning(heard: Heard) -> str:
    """The first characters of a raw delivery, whatever bytes it is made of."""
    return bytes(heard.raw)[:400].decode("utf-8", "backslashreplace").replace("\0", "\\x00")


@require_POST
@needs("retry")
def retry(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Try a delivery now; one that failed is looked up on the network first."""
    again = actions.retry(get_object_or_404(Delivery, pk=delivery_id).pk, staff(request))
    return _back(
        request, delivery_id, _("It will be tried again.") if again else _("It was sent or taken back meanwhile.")
    )


@require_POST
@needs("retry")
def cancel(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Take back a delivery that was not sent."""
    taken = actions.cancel(get_object_or_404(Delivery, pk=delivery_id).pk, staff(request))
    return _back(request, delivery_id, _("Taken back.") if taken else _("Too late: it is on its way or was sent."))


@require_POST
@needs("retry")
def retry_account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Try all that an account has not said now."""
    count = actions.retry_account(get_object_or_404(Account, pk=account_id), staff(request))
    messages.success(
        request,
        ngettext("%(n)d message will be tried again.", "%(n)d messages will be tried again.", count) % {"n": count},
    )
    return redirect("console:unsent")


@require_POST
@needs("retry")
def held(request: HttpRequest) -> HttpResponse:
    """Send, or let be, what is held after a restore: the chosen ones, or all that were listed."""
    what = request.POST.get("what", "")
    named = request.POST.getlist("listed" if what.endswith("_all") else "chosen")
    chosen = [found for one in named[:MOST] if (found := _uuid(one))]
    if what not in ("send", "drop", "send_all", "drop_all") or not chosen:
        messages.error(request, _("Choose the messages first."))
        return redirect("console:unsent")
    send = what.startswith("send")
    count = actions.decide_held(chosen, send=send, by=staff(request))
    said = (
        ngettext("%(n)d message is looked for, then sent.", "%(n)d messages are looked for, then sent.", count)
        if send
        else ngettext("%(n)d message is not sent.", "%(n)d messages are not sent.", count)
    )
    messages.success(request, said % {"n": count})
    return redirect("console:unsent")


def _back(request: HttpRequest, delivery_id: UUID, said: str) -> HttpResponse:
    """To the conversation if the button stood in one, otherwise to the list."""
    conversation = visible_conversations(request.user).filter(messages__delivery=delivery_id).first()
    if request.POST.get("conversation") and conversation:
        return show_after(request, conversation.pk, None, said)
    messages.success(request, said)
    return redirect("console:unsent")


def _page(request: HttpRequest) -> dict[str, Any]:
    return panes.frame(request) | panes.sidebar(request)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
