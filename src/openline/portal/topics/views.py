"""A topic, and what one can do with it. Thin: parse, call one action, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openline.care.understanding import gazetteer
from openline.community import gatherings, helping, ideas, liaisons, living, members, reading, topics
from openline.community.models import PUBLIC_STATES, Member, Topic, TopicKind, TopicState
from openline.foundation.text import clean
from openline.geography.picture import street_map
from openline.portal.community.views import member_only, signed_in
from openline.portal.stamped import form_of
from openline.portal.topics.forms import WhenAndWhere, form_for, initial_of
from openline.service_requests import public
from openline.service_requests.actions import NotPossible
from openline.service_requests.models import ServiceRequest


@require_safe
def topic(request: HttpRequest, pk: int) -> HttpResponse:
    """One topic with its discussion; one that is not public only for its writer and the area's liaison."""
    member = members.current(request)
    found = get_object_or_404(topics.visible(member), pk=pk)
    response = render(request, "portal/topics/topic.html", context_of(found, member))
    if found.state not in PUBLIC_STATES:
        response["X-Robots-Tag"] = "noindex"
    return response


def context_of(found: Topic, member: Member | None) -> dict[str, Any]:
    """What the page of a topic shows to `member`."""
    mine = member is not None and found.by_id == member.pk
    over, [words] = gatherings.is_over(found), reading.first_words([found])
    return {
        "topic": found,
        "member": member,
        "mine": mine,
        "area_codes": [found.area] if found.area else [],
        "area_name": living.name_of(found.area),
        "counted_in": ideas.supports(found, member),
        "who": gatherings.who_comes(found, member),
        "helpers": helping.seen_by(found.request, member) if found.request else [],
        "over": over,
        "may_change": mine and found.kind == TopicKind.EVENT and not over and not found.cancelled_at,
        "may_decide": _may_decide(found, member),
        "words": words,
        "words_key": words.pk if words else None,
        "signed": _signature(found),
        "rules": topics.rules(),
        "rule_words": dict(topics.rules()).get(found.rule, ""),
        "map": _map(found),
        "calendar": f"{settings.PUBLIC_URL}{reverse('portal:event', args=[found.pk])}",
        "needed": ideas.needed() if found.kind == TopicKind.IDEA else 0,
    }


def _signature(found: Topic) -> str:
    """Who signs the city's answer: the person and their department."""
    by = found.answered_by
    if by is None:
        return ""
    department = by.departments.order_by("name").first()
    return ", ".join(filter(None, [by.get_full_name(), department.name if department else ""]))


def _may_decide(found: Topic, member: Member | None) -> bool:
    waits = found.state == TopicState.WAITING and not found.appeal and member is not None and found.by_id != member.pk
    return waits and found.area in liaisons.areas_of(member)


def _map(found: Topic) -> Any:
    streets = gazetteer() if found.latitude is not None else None
    if streets is None or found.latitude is None or found.longitude is None:
        return None
    return street_map(streets, found.latitude, found.longitude)


@require_http_methods(["GET", "HEAD", "POST"])
@member_only
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Begin a discussion, an idea or an event, perhaps about a request."""
    if kind not in TopicKind.values:
        raise Http404
    member, about = signed_in(request), _about(request)
    start = {"area": member.area, "where": about.place_name if about else ""}
    form = form_for(request, TopicKind(kind), start)
    if form.is_bound and form.is_valid():
        try:
            made = topics.begin(form.new(about), by=member, form=form.form_id)
        except NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _told(made))
            return redirect("portal:topic", made.pk)
    context = {"form": form, "kind": kind, "label": TopicKind(kind).label, "about": about}
    return render(request, "portal/topics/new.html", context, status=422 if form.is_bound else 200)


def _told(made: Topic) -> str:
    if made.state == TopicState.SHOWN:
        return _("It is public.")
    return _("Thank you. Somebody looks at it first; you are told when it is public.")


def _about(request: HttpRequest) -> ServiceRequest | None:
    number = clean(request.GET.get("request", ""), 20)
    return public.requests().filter(number=number).first() if number else None


@require_http_methods(["GET", "HEAD", "POST"])
@member_only
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Move an event to another time or place."""
    member = signed_in(request)
    found = get_object_or_404(Topic, pk=pk, by=member, kind=TopicKind.EVENT)
    form = WhenAndWhere(request, initial_of(found))
    if form.is_bound and form.is_valid():
        got = form.cleaned_data
        try:
            gatherings.change(pk, got["starts_at"], got["ends_at"], got["place"], seen=_seen(request), by=member)
        except NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Changed. Who comes is told."))
            return redirect("portal:topic", pk)
    context = {"form": form, "topic": found}
    return render(request, "portal/topics/change.html", context, status=422 if form.is_bound else 200)


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


@require_POST
@member_only
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """A button of the page: support, come, cancel, appeal; for a liaison publish and refuse."""
    member, choice = signed_in(request), request.POST.get("choose", "")
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "support": (lambda: ideas.support(pk, by=member), _("You support this idea.")),
        "support_not": (lambda: ideas.take_back(pk, by=member), _("You support it no longer.")),
        "come": (lambda: gatherings.come(pk, by=member), _("You are counted in.")),
        "come_not": (lambda: gatherings.not_come(pk, by=member), _("You are counted in no longer.")),
        "cancel": (lambda: gatherings.cancel(pk, seen=_seen(request), by=member), _("Cancelled. Who comes is told.")),
        "appeal": (lambda: topics.appeal(pk, request.POST.get("words", ""), by=member), _("Staff look at it again.")),
        "publish": (lambda: topics.publish(pk, by=member), _("It is public.")),
        "refuse": (lambda: _refuse(request, pk, member), _("It was refused, and its writer told.")),
    }
    if choice not in acts:
        raise Http404
    get_object_or_404(topics.visible(member), pk=pk)
    do(request, *acts[choice])
    after = "portal:liaison" if choice in ("publish", "refuse") else "portal:topic"
    return redirect(after, *([pk] if after == "portal:topic" else []))


def _refuse(request: HttpRequest, pk: int, member: Member) -> None:
    topics.refuse(pk, request.POST.get("rule", ""), request.POST.get("why", ""), by=member)


def do(request: HttpRequest, action: Callable[[], object], said: str) -> bool:
    """Carry out what a button asks for, and say what came of it; False if it was not possible."""
    try:
        action()
    except NotPossible as error:
        messages.error(request, str(error))
        return False
    messages.success(request, said)
    return True


@require_POST
@member_only
def help_with(request: HttpRequest, number: str) -> HttpResponse:
    """Offer help under a request ("I can help"), or no longer."""
    member, found = signed_in(request), get_object_or_404(public.requests(), number=number.replace("\x00", "")[:20])
    if request.POST.get("choose") == "take_back":
        do(request, lambda: helping.take_back(found.pk, by=member), _("You offer help no longer."))
    elif form_of(request) is not None:
        words = request.POST.get("words", "")
        said = _("Thank you. Who organizes something here sees it.")
        do(request, lambda: helping.offer(found.pk, words, by=member), said)
    return redirect("portal:request", found.number)
