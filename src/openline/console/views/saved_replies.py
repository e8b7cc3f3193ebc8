"""Saved replies: one's own, and those of the desk; and putting one into an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.care import saved_replies
from openline.care.models import SavedReply
from openline.console import panes
from openline.console.once import attempt, number, staff
from openline.console.permissions import allowed, needs
from openline.service_requests.actions import NotPossible


class ReplyForm(forms.Form):
    """A saved reply; who may write texts for all chooses for whom."""

    name = forms.CharField(label=gettext_lazy("Name, as you look for it"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=saved_replies.MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    for_all = forms.BooleanField(label=gettext_lazy("For everybody at the desk"), required=False)

    def __init__(self, data: Any = None, *, may_share: bool, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)
        if not may_share:
            del self.fields["for_all"]


@require_GET
@needs("answer")
def page(request: HttpRequest) -> HttpResponse:
    """One's own, and everybody's."""
    share = allowed(request.user, "templates")
    rows = [(one, share or one.owner_id is not None) for one in saved_replies.of(staff(request))]
    return render(request, "console/saved_replies.html", panes.frame(request) | {"rows": rows})


@require_http_methods(["GET", "POST"])
@needs("answer")
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write one."""
    found = _changeable(request, pk) if pk else SavedReply(owner=staff(request))
    start = {"name": found.name, "text": found.text, "for_all": bool(pk) and found.owner_id is None}
    form = ReplyForm(request.POST or None, may_share=allowed(request.user, "templates"), initial=start)
    problem = None
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "saved_reply", lambda: _save(found, form, staff(request)))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:saved_replies")
    context = {"form": form, "reply": found, "problem": problem, "placeholders": saved_replies.PLACEHOLDERS.items()}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/saved_reply.html", panes.frame(request) | context, status=status)


def _save(reply: SavedReply, form: ReplyForm, by: User) -> None:
    given = form.cleaned_data
    reply.name, reply.text = given["name"], given["text"]
    if "for_all" in given:
        reply.owner = None if given["for_all"] else by
    saved_replies.save(reply, by=by)


@require_POST
@needs("answer")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop one."""
    found = _changeable(request, pk)
    attempt(request, "saved_reply", lambda: saved_replies.delete(found, by=staff(request)))
    messages.success(request, _("Deleted."))
    return redirect("console:saved_replies")


def _changeable(request: HttpRequest, pk: int) -> SavedReply:
    """Everybody changes their own; those of all, who writes the desk's texts. 404 otherwise."""
    mine = saved_replies.of(staff(request))
    return get_object_or_404(mine if allowed(request.user, "templates") else mine.exclude(owner=None), pk=pk)


def chosen(request: HttpRequest) -> SavedReply:
    """The one that the form of an answer names."""
    found = saved_replies.of(staff(request)).filter(pk=number(request.POST.get("saved", "")) or 0).first()
    if found is None:
        raise NotPossible(_("Choose a saved reply first."))
    return found
