"""Question hours: planned, hosted from one board, and told afterwards."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes
from openline.console.moments import for_field, moment
from openline.console.once import Problem, attempt, identifier, staff, to_publish, typed
from openline.console.permissions import ROLES, allowed, needs
from openline.knowledge.models import Article
from openline.publishing import speaking
from openline.publishing.errors import NotPossible
from openline.publishing.models import Question, QuestionHour
from openline.publishing.question_hours import board, finding, planning, transcript

_MOST = 50
_MOMENT = {"type": "datetime-local"}


class HourForm(forms.Form):
    """A question hour."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    hashtag = forms.CharField(label=gettext_lazy("Hashtag"), max_length=100)
    begins_at = forms.CharField(label=gettext_lazy("Begins"), widget=forms.DateTimeInput(attrs=_MOMENT))
    ends_at = forms.CharField(label=gettext_lazy("Ends"), widget=forms.DateTimeInput(attrs=_MOMENT))
    accounts = forms.ModelMultipleChoiceField(
        speaking.Account.objects.none(), label=gettext_lazy("Accounts"),
        widget=forms.CheckboxSelectMultiple)  # fmt: skip
    hosts = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("Who answers"), required=False,
        widget=forms.CheckboxSelectMultiple)  # fmt: skip
    announcement = forms.CharField(
        label=gettext_lazy("Announcement"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Becomes a draft among the posts. Answers to it are questions too."))  # fmt: skip

    def __init__(self, request: HttpRequest, hour: QuestionHour | None) -> None:
        initial = {} if hour is None else {
            "name": hour.name, "hashtag": hour.hashtag, "begins_at": for_field(hour.begins_at),
            "ends_at": for_field(hour.ends_at), "accounts": hour.accounts.all(), "hosts": hour.hosts.all(),
        }  # fmt: skip
        super().__init__(request.POST or None, initial=initial, label_suffix="")
        self.fields["accounts"].queryset = speaking.accounts_of(staff(request)).order_by("network")  # type: ignore[attr-defined]
        people = User.objects.filter(Q(groups__name__in=ROLES) | Q(is_superuser=True), is_active=True)
        self.fields["hosts"].queryset = people.distinct().order_by("username")  # type: ignore[attr-defined]
        if hour and hour.announcement_id:
            del self.fields["announcement"]

    def plan(self) -> planning.Plan:
        """What was typed. Raises NotPossible."""
        given = self.cleaned_data
        begins, ends = moment(given["begins_at"], "begins_at"), moment(given["ends_at"], "ends_at")
        if begins is None or ends is None:
            raise NotPossible(_("Choose when it begins and ends."), "begins_at")
        return planning.Plan(
            given["name"], given["hashtag"], begins, ends, list(given["accounts"]), list(given["hosts"]),
            given.get("announcement", ""),
        )  # fmt: skip


@require_GET
@needs("inbox")
def page(request: HttpRequest) -> HttpResponse:
    """The hours that the person plans or hosts, newest first."""
    hours = QuestionHour.objects.order_by("-begins_at", "-id")
    if not allowed(request.user, "publish"):
        hours = hours.filter(hosts=staff(request))
    context = {"hours": hours[:_MOST]}
    return render(request, "console/publish/question_hours.html", panes.frame(request) | context)


@require_http_methods(["GET", "POST"])
@needs("publish")
def plan(request: HttpRequest, hour_id: UUID | None = None) -> HttpResponse:
    """Plan one, or change it."""
    hour = get_object_or_404(QuestionHour, pk=hour_id) if hour_id else None
    form, problem, made = HourForm(request, hour), None, []
    if request.method == "POST" and form.is_valid():
        problem = attempt(
            request, "hour", lambda: made.append(planning.save(form.plan(), by=staff(request), hour=hour))
        )
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:question_hour", made[0].pk) if made else redirect("console:question_hours")
    context = {"form": form, "problem": problem, "hour": hour}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/publish/question_hour_plan.html", panes.frame(request) | context, status=status)


@require_GET
@needs("inbox")
def hour_page(request: HttpRequest, hour_id: UUID) -> HttpResponse:
    """The board."""
    return _show(request, _hour(request, hour_id))


@require_GET
@needs("inbox")
def fresh(request: HttpRequest, hour_id: UUID) -> HttpResponse:
    """The new questions alone: the board asks for them while it is open."""
    hour = _hour(request, hour_id)
    finding.find(hour)
    context = {"hour": hour, "questions": board.columns(hour)[0][2], "state": "new"}
    return render(request, "console/publish/_questions.html", context)


@require_POST
@needs("inbox")
def act(request: HttpRequest, hour_id: UUID, question_id: UUID) -> HttpResponse:
    """One step of one question."""
    hour, by, what = _hour(request, hour_id), staff(request), typed(request, "what", 10)
    get_object_or_404(Question, pk=question_id, hour=hour)

    def step() -> None:
        if what == "answer":
            text, because = to_publish(request, "text")
            board.answer(question_id, text, by=by, client_id=identifier(request, "client_id"), because=because)
        elif what == "aside":
            board.set_aside(question_id, typed(request, "reason", 300), by=by)
        elif what in ("up", "down"):
            board.move(question_id, what == "up", by=by)
        elif what in ("take", "back"):
            (board.take if what == "take" else board.give_back)(question_id, by=by)

    problem = attempt(request, f"question-{question_id}", step)
    if problem:
        return _show(request, hour, problem, question_id)
    return redirect("console:question_hour", hour.pk)


@require_POST
@needs("publish")
def tell(request: HttpRequest, hour_id: UUID) -> HttpResponse:
    """The transcript, as the draft of an article."""
    hour = _hour(request, hour_id)
    problem = attempt(request, "tell", lambda: transcript.draft(hour, by=staff(request)))
    if problem:
        return _show(request, hour, problem)
    messages.success(request, _("The article is a draft now: look at it before you publish it."))
    return redirect("console:question_hour", hour.pk)


def _hour(request: HttpRequest, hour_id: UUID) -> QuestionHour:
    """The hour, for its hosts and for who publishes; nobody else comes here."""
    hour = get_object_or_404(QuestionHour, pk=hour_id)
    if not allowed(request.user, "publish") and not hour.hosts.filter(pk=staff(request).pk).exists():
        raise PermissionDenied
    return hour


def _show(
    request: HttpRequest, hour: QuestionHour, problem: Problem | None = None, tried: UUID | None = None
) -> HttpResponse:
    finding.find(hour)
    context = {
        "hour": hour,
        "columns": board.columns(hour),
        "figures": board.figures(hour),
        "article": Article.objects.filter(slug=hour.transcript_slug).first() if hour.transcript_slug else None,
        "problem": problem,
        "tried": tried,
    }
    status = 422 if problem else 200
    return render(request, "console/publish/question_hour.html", panes.frame(request) | context, status=status)
