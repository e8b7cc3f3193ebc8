"""The page of one post: where it stands on each account, what was said, and what a person does about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.accounts.models import Account
from openline.channels.base import Capabilities
from openline.channels.registry import channel_for
from openline.console import panes, reply_pane
from openline.console.composing import advice, reading
from openline.console.once import staff, typed
from openline.console.permissions import needs
from openline.publishing import changing, fitting, history, links, listing, repairing, speaking, writing
from openline.publishing import content as contents
from openline.publishing.content import Content, Form
from openline.publishing.errors import NotPossible
from openline.publishing.models import Errand, Post, Variant
from openline.publishing.states import PostState, VariantState


@dataclass(frozen=True, slots=True)
class Row:
    """A post on one account as its page shows it."""

    variant: Variant
    label: str
    can: Capabilities
    said: tuple[str, ...]
    title: str
    editable: str
    advice: str
    mine: bool
    clicks: int

    @property
    def stands(self) -> bool:
        """True if something can be done where it stands."""
        return self.mine and self.variant.state == VariantState.SENT and bool(self.variant.network_id)


@require_GET
@needs("publish")
def page(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """The page."""
    return _show(request, get_object_or_404(Post, pk=post_id))


@require_POST
@needs("publish")
def act(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """What is done with the whole post: put away, taken up, taken out of the plan, spoken about."""
    post = get_object_or_404(Post, pk=post_id)
    by = staff(request)
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "cancel": (lambda: writing.cancel(post.pk, by=by, reason=typed(request, "reason", 300)), _("Put away.")),
        "take_up": (lambda: writing.take_up(post.pk, by=by), _("A draft again.")),
        "put_back": (lambda: writing.put_back(post.pk, by=by), _("Out of the plan: a draft again.")),
        "comment": (lambda: writing.comment(post.pk, typed(request, "comment", 2000), by=by), _("Comment kept.")),
    }
    return _do(request, post, deeds)


@require_POST
@needs("publish")
def act_on_account(request: HttpRequest, post_id: UUID, variant_id: UUID) -> HttpResponse:
    """What is done with the post on one account; the others are untouched."""
    post = get_object_or_404(Post, pk=post_id)
    variant = get_object_or_404(post.variants, pk=variant_id)
    by, pk = staff(request), variant.pk
    if not speaking.accounts_of(by).filter(pk=variant.account_id).exists():
        return _refuse(request, post, NotPossible(_("You may not publish as %(who)s.") % {"who": variant.account}))
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "retry": (lambda: repairing.retry(pk, by=by), _("It is tried again; it is looked for there first.")),
        "plan_again": (lambda: _plan_again(request, pk), _("Planned again.")),
        "give_up": (lambda: repairing.give_up(pk, by=by, reason=typed(request, "reason", 300)), _("Given up there.")),
        "edit": (lambda: _edit(request, variant), _("The change is on its way.")),
        "take_down": (
            lambda: changing.take_down(pk, typed(request, "reason", 1000), by=by),
            _("It is being taken down."),
        ),
    }
    return _do(request, post, deeds)


def _do(request: HttpRequest, post: Post, deeds: dict[str, tuple[Callable[[], object], str]]) -> HttpResponse:
    deed = deeds.get(request.POST.get("do", ""))
    if deed is None:
        return _refuse(request, post, NotPossible(_("The form is not complete. Load the page again.")))
    try:
        deed[0]()
    except NotPossible as error:
        return _refuse(request, post, error)
    messages.success(request, deed[1])
    return redirect("console:post", post.pk)


def _refuse(request: HttpRequest, post: Post, error: NotPossible) -> HttpResponse:
    return _show(request, Post.objects.get(pk=post.pk), error)


def _plan_again(request: HttpRequest, variant_id: UUID) -> None:
    at = reading.moment(request.POST, "at") if request.POST.get("when") == "at" else None
    if at is None and request.POST.get("when") == "at":
        raise NotPossible(_("Say when it goes out, or choose “now”."), "at")
    repairing.plan_again(variant_id, at, by=staff(request))


def _edit(request: HttpRequest, variant: Variant) -> None:
    seen = request.POST.get("revision", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 9):
        raise NotPossible(_("The form is not complete. Load the page again."))
    title = typed(request, "title", 200) if "title" in request.POST else None
    changing.edit(variant.pk, typed(request, "text", 20_000), by=staff(request), title=title, seen=int(seen))


def _show(request: HttpRequest, post: Post, problem: NotPossible | None = None) -> HttpResponse:
    content = contents.read(post)
    context: dict[str, Any] = {
        "post": post,
        "content": content,
        "words": listing.first_words(post),
        "rows": _rows(request, post, content),
        "steps": history.steps(post),
        "record": history.record_of(post),
        "reviews": post.reviews.select_related("by").order_by("at"),
        "corrections": post.corrections.all(),
        "changeable": post.state in writing.CHANGEABLE,
        "back": post.state in (PostState.SCHEDULED, PostState.REVIEW),
        "problem": problem,
        "typed": request.POST,
    }
    below = reply_pane.frame(request, post) if post.state == PostState.OUT else {}
    return render(
        request, "console/publish/post.html", panes.frame(request) | context | below, status=422 if problem else 200
    )


def _rows(request: HttpRequest, post: Post, content: Content) -> list[Row]:
    errands = Prefetch("errands", Errand.objects.select_related("delivery").order_by("id"))
    variants = list(
        post.variants.select_related("account", "delivery", "post").prefetch_related(errands).order_by("id")
    )
    mine = set(speaking.accounts_of(staff(request)).values_list("pk", flat=True))
    counted = links.clicks([variant.pk for variant in variants])
    return [_row(one, content, one.account_id in mine, counted.get(one.pk, 0)) for one in variants]


def _row(variant: Variant, content: Content, mine: bool, clicks: int) -> Row:
    account: Account = variant.account
    channel = channel_for(account.network)
    form = Form(str(account.pk), variant.language, variant.text, variant.title, variant.first_comment, variant.options)
    fitted = fitting.fit(content, form, account, shorten=links.known(variant))
    can = account.capabilities
    if variant.network_id:  # on some networks it depends on the very post
        can = channel.capabilities_of_post(variant.network_id, private=False)
    delivery = variant.delivery
    said = fitted.parts
    if delivery and not variant.revision:  # exactly what was handed to the network
        said = fitting.parts_of(account, str(delivery.outgoing.get("text", ""))) or fitted.parts
    return Row(
        variant, channel.label, can, said, fitted.title,
        changing.editable(variant, content), advice.what_to_do(variant), mine, clicks,
    )  # fmt: skip
