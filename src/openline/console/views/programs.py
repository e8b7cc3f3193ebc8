"""Other programs: the keys with which they send over Open311, and what they sent that a person looks at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.open311 import keys, submitting
from openline.open311.models import ApiKey
from openline.service_requests.actions import NotPossible


class KeyForm(forms.Form):
    """A new key."""

    name = forms.CharField(label=gettext_lazy("Name of the program"), max_length=80)
    contact = forms.CharField(label=gettext_lazy("Whom to ask if something is wrong"), max_length=200)
    per_minute = forms.IntegerField(
        label=gettext_lazy("Requests a minute"), initial=60, min_value=1, max_value=keys.MOST_A_MINUTE
    )
    review = forms.BooleanField(label=gettext_lazy("A person looks before a request is opened"), required=False)
    may_update = forms.BooleanField(label=gettext_lazy("May send updates of requests"), required=False)
    origins = forms.CharField(
        label=gettext_lazy("Web pages that may send with it"), required=False,
        widget=forms.Textarea(attrs={"rows": 2}), max_length=2000,
        help_text=gettext_lazy("One origin on a line, such as https://app.example. Empty: none."),
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean_origins(self) -> list[str]:
        """The origins, each checked."""
        try:
            return [keys.origin_of(line) for line in self.cleaned_data["origins"].splitlines() if line.strip()]
        except keys.NotValid as error:
            raise ValidationError(str(error)) from None

    def clean_name(self) -> str:
        """A name that no other key has."""
        if ApiKey.objects.filter(name=self.cleaned_data["name"]).exists():
            raise ValidationError(_("There is a key with this name. Choose another name."))
        return str(self.cleaned_data["name"])


@never_cache
@require_http_methods(["GET", "POST"])
@needs("administer")
def api_keys(request: HttpRequest) -> HttpResponse:
    """All keys; a new one is shown this once, on the page that answers the form."""
    if request.method == "GET":
        return _show_keys(request, KeyForm())
    form, made = KeyForm(request.POST), []
    if not form.is_valid():
        return _show_keys(request, form, status=422)
    problem = attempt(request, "key", lambda: made.append(_make(form, staff(request).get_username())))
    if problem:
        return _show_keys(request, form, problem=problem, status=422)
    if not made:  # sent twice
        return redirect("console:api_keys")
    return _show_keys(request, KeyForm(), made=made[0])


def _make(form: KeyForm, by: str) -> tuple[ApiKey, str]:
    try:
        return keys.make(by=by, **form.cleaned_data)
    except keys.NotValid as error:
        raise NotPossible(str(error)) from None


@require_POST
@needs("administer")
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """End a key at once."""
    problem = attempt(request, f"revoke:{key_id}", lambda: _revoke(request, key_id))
    if problem:
        return _show_keys(request, KeyForm(), problem=problem, status=422)
    messages.success(request, _("The key is revoked."))
    return redirect("console:api_keys")


def _revoke(request: HttpRequest, key_id: int) -> None:
    if request.POST.get("sure") != "1":
        raise NotPossible(_("Tick that you are sure, then send it again."))
    found = ApiKey.objects.filter(pk=key_id).first()
    if found is None or not keys.revoke(found.name, by=staff(request).get_username()):
        raise NotPossible(_("The key was revoked before. Load the page again."))


@require_GET
@needs("triage")
def submissions(request: HttpRequest) -> HttpResponse:
    """What waits for a person, oldest first."""
    return _show_submissions(request)


@require_POST
@needs("triage")
def accept(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Open the request as it was sent."""
    numbers: list[str] = []
    act = lambda: numbers.append(submitting.accept(submission_id, by=staff(request)))  # noqa: E731
    said = lambda: _("Opened: request %(number)s.") % {"number": numbers[0]} if numbers else _("Saved.")  # noqa: E731
    return _decided(request, submission_id, act, said)


@require_POST
@needs("triage")
def refuse(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Refuse it, with a reason."""
    return _decided(
        request, submission_id,
        lambda: submitting.refuse(submission_id, by=staff(request), reason=typed(request, "reason", 300)),
        lambda: _("Refused: the sender reads why."),
    )  # fmt: skip


def _decided(
    request: HttpRequest, submission_id: UUID, act: Callable[[], object], said: Callable[[], str]
) -> HttpResponse:
    problem = attempt(request, str(submission_id), act)
    if problem:
        return _show_submissions(request, problem)
    messages.success(request, said())
    return redirect("console:submissions")


def _show_keys(
    request: HttpRequest, form: KeyForm, *, problem: Problem | None = None,
    made: tuple[ApiKey, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    rows = [(key, f"revoke:{key.pk}") for key in ApiKey.objects.order_by("-active", "name")]
    context = {"keys": rows, "form": form, "problem": problem, "made": made}
    return render(request, "console/api_keys.html", panes.frame(request) | context | {"section": ""}, status=status)


def _show_submissions(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    waiting, more = submitting.waiting()
    gone = problem is not None and problem.form not in {str(one.pk) for one, _draft in waiting}
    context = {"waiting": waiting, "more": more, "problem": problem, "gone": gone, "section": ""}
    return render(request, "console/submissions.html", panes.frame(request) | context, status=422 if problem else 200)
