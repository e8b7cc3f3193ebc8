"""Whose approval posts need, and who may speak as whom."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.accounts.models import Account
from openline.console import panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import ROLES, needs
from openline.publishing import rules, speaking
from openline.publishing.errors import NotPossible
from openline.publishing.models import ApprovalRule, Needs, Right, Speaker
from openline.publishing.states import Kind


@require_GET
@needs("administer")
def page(request: HttpRequest) -> HttpResponse:
    """Both tables, each with its form."""
    return _show(request)


@require_POST
@needs("administer")
def set_rule(request: HttpRequest) -> HttpResponse:
    """A rule, new or in the place of the one for the same account and kind."""

    def act() -> None:
        account = _account(request) if typed(request, "account") else None
        rules.set_rule(account, typed(request, "kind", 20), typed(request, "needs", 20), by=staff(request))

    return _do(request, "rule", act)


@require_POST
@needs("administer")
def drop_rule(request: HttpRequest) -> HttpResponse:
    """A rule that counts no more."""
    rule = get_object_or_404(ApprovalRule, pk=_uuid(typed(request, "rule", 40)))
    return _do(request, "rule", lambda: rules.drop_rule(rule, by=staff(request)))


@require_POST
@needs("administer")
def set_speaker(request: HttpRequest) -> HttpResponse:
    """A person who may speak as an account."""

    def act() -> None:
        user = _people().filter(pk=_number(typed(request, "user", 9))).first()
        if user is None:
            raise NotPossible(_("Choose a person."), "user")
        rules.set_speaker(_account(request), user, typed(request, "right", 20), by=staff(request))

    return _do(request, "speaker", act)


@require_POST
@needs("administer")
def drop_speaker(request: HttpRequest) -> HttpResponse:
    """A person who may not any more."""
    speaker = get_object_or_404(
        Speaker.objects.select_related("account", "user"), pk=_uuid(typed(request, "speaker", 40))
    )
    return _do(request, "speaker", lambda: rules.drop_speaker(speaker, by=staff(request)))


def _do(request: HttpRequest, form: str, act: Callable[[], object]) -> HttpResponse:
    problem = attempt(request, form, act)
    if problem:
        return _show(request, problem)
    messages.success(request, _("Saved. Posts that are scheduled stay scheduled."))
    return redirect("console:approval_rules")


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    context = {
        "problem": problem,
        "accounts": Account.objects.filter(network__in=speaking.public_networks()).order_by("network", "handle"),
        "rules": ApprovalRule.objects.select_related("account").order_by("account__network", "account__handle", "kind"),
        "speakers": Speaker.objects.select_related("account", "user").order_by("account__handle", "user__username"),
        "people": _people(),
        "kinds": Kind.choices,
        "needs": Needs.choices,
        "rights": Right.choices,
    }
    return render(request, "console/publish/rules.html", panes.frame(request) | context, status=422 if problem else 200)


def _people() -> QuerySet[User]:
    able = [role for role, may in ROLES.items() if may & {"publish", "approve"}]
    return User.objects.filter(groups__name__in=able, is_active=True).distinct().order_by("username")


def _account(request: HttpRequest) -> Account:
    pk = _uuid(typed(request, "account", 40))
    found = Account.objects.filter(pk=pk).first() if pk else None
    if found is None:
        raise NotPossible(_("Choose an account."), "account")
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
