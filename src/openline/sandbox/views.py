"""The sandbox page: post as a resident, see what the city answers, replay a day."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.accounts.models import Account
from openline.channels.base import ChannelError
from openline.files.content import MOST_BYTES
from openline.inbox.models import Conversation
from openline.sandbox import emulators, mails, people
from openline.sandbox.cast import RESIDENTS, Person, resident
from openline.sandbox.drill import DRILLS, start_in_background
from openline.sandbox.servers import EMULATED_FROM

logger = structlog.get_logger("openline.sandbox")
_SHOWN = 30
_MOST_PHOTOS = 4
"""As many as Mastodon takes with one post."""


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The form, and the newest threads as the city has them."""
    conversations = (
        Conversation.objects.select_related("account", "identity")
        .prefetch_related("messages")
        .order_by("-last_message_at")[:_SHOWN]
    )
    context = {
        "accounts": _accounts(),
        "residents": RESIDENTS,
        "conversations": conversations,
        "drills": DRILLS,
        "chosen": request.GET.get("as", RESIDENTS[0].username),
        "account": request.GET.get("to", ""),
        "emulated": emulators.shown(settings.PORT + EMULATED_FROM),
    }
    template = "sandbox/_threads.html" if request.headers.get("HX-Request") else "sandbox/index.html"
    return render(request, template, context)


@require_POST
def post(request: HttpRequest) -> HttpResponse:
    """Post on the network as the chosen resident."""
    account = get_object_or_404(_accounts(), pk=_uuid(request.POST.get("account")))
    try:
        person = resident(request.POST.get("resident", ""))
    except LookupError:
        raise Http404 from None
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("Write something first."))
    else:
        _post(request, account, person, text)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = reverse("sandbox:index") + f"?as={person.username}&to={account.pk}"
    return redirect(back)


def _post(request: HttpRequest, account: Account, person: Person, text: str) -> None:
    try:
        people.post(
            account,
            person,
            text[:2000],
            in_reply_to=request.POST.get("in_reply_to", ""),
            private=request.POST.get("private") == "on",
            photos=[photo.read(MOST_BYTES) for photo in request.FILES.getlist("photos")[:_MOST_PHOTOS]],
        )
        messages.success(request, _("Posted. The city hears it within seconds."))
    except Exception as error:
        reason = error.reason if isinstance(error, ChannelError) else str(error)
        messages.error(request, _("The network refused the post: %(reason)s") % {"reason": reason[:200]})


@require_GET
def thread(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The whole thread as the network shows it, the city's answers included."""
    conversation = get_object_or_404(Conversation.objects.select_related("account", "identity"), pk=conversation_id)
    last = conversation.messages.exclude(network_id="").order_by("-posted_at").first()
    name = conversation.identity.handle.lstrip("@")
    known = {person.username: person for person in RESIDENTS} | {p.public_key: p for p in RESIDENTS}
    person = known.get(name) or known.get(conversation.identity.network_user_id)
    context = {
        "conversation": conversation,
        "said": _said(conversation, person),
        "person": person,
        "in_reply_to": last.network_id if last else "",
    }
    template = "sandbox/_thread.html" if request.headers.get("HX-Request") else "sandbox/thread.html"
    return render(request, template, context)


def _said(conversation: Conversation, person: Person | None) -> list[people.Said]:
    """The thread as the network itself shows it; what Openline keeps where the network shows nothing to look at."""
    first = conversation.messages.exclude(network_id="").order_by("posted_at", "id").first()
    if first and person and conversation.visibility == "public":
        try:
            return people.thread(conversation.account, first.network_id, person)
        except Exception:
            logger.warning("thread_not_shown", conversation=str(conversation.pk))
    return [
        people.Said(m.network_id, "", m.text, m.direction == "out", m.visibility == "private", m.posted_at)
        for m in conversation.messages.order_by("posted_at", "id")
    ]


@require_GET
def mail(request: HttpRequest) -> HttpResponse:
    """The mails that the city sent to residents, newest first; with `to`, those of one of them."""
    to = request.GET.get("to", "").strip().lower()[:254]
    return render(request, "sandbox/mail.html", {"mails": mails.newest(to), "to": to})


@require_POST
def drill(request: HttpRequest) -> HttpResponse:
    """Replay a day of posts at the chosen speed."""
    name = request.POST.get("drill", "")
    speed = request.POST.get("speed", "")
    if name not in DRILLS or not speed.isdigit() or not 1 <= int(speed) <= 100_000:
        messages.error(request, _("Choose a drill and a speed between 1 and 100,000."))
    elif start_in_background(name, int(speed)):
        messages.success(request, _("The drill runs. Watch the staff's inbox."))
    else:
        messages.error(request, _("A drill is running already."))
    return redirect("sandbox:index")


def _accounts() -> QuerySet[Account]:
    return Account.objects.filter(enabled=True, network__in=("mastodon", "nostr")).order_by("network", "created_at")


def _uuid(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError:
        raise Http404 from None
