"""Accounts of staff: who may do what; a new one, another password, switching off who left."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.console import panes, people
from openline.console.once import Problem, attempt, staff
from openline.console.people_form import PersonForm
from openline.console.permissions import needs
from openline.service_requests.actions import NotPossible


@require_GET
@needs("administer")
def page(request: HttpRequest) -> HttpResponse:
    """Everybody."""
    return render(request, "console/people.html", panes.frame(request) | {"people": people.everybody()})


@require_http_methods(["GET", "POST"])
@needs("administer")
def new(request: HttpRequest) -> HttpResponse:
    """Make an account; its first password is shown once."""
    form, problem, made = PersonForm(request.POST or None), None, list[str]()
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "person", lambda: made.append(_make(form, staff(request))))
        if problem is None and not made:  # the same form sent twice
            return redirect("console:people")
    return _show(request, form, None, problem, (form.cleaned_data["username"], made[0]) if made else ("", ""))


def _make(form: PersonForm, by: User) -> str:
    given = form.cleaned_data
    user = User(username=given["username"])
    _write(user, form, by)
    return people.new_password(user, by=by.get_username())


def _write(user: User, form: PersonForm, by: User) -> None:
    given = form.cleaned_data
    user.first_name, user.last_name, user.email = given["first_name"], given["last_name"], given["email"]
    user.save()
    people.set_roles(user, given["roles"], given["departments"], by=by.get_username())


@require_http_methods(["GET", "POST"])
@needs("administer")
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change an account."""
    found = get_object_or_404(User, pk=user_id)
    form, problem = PersonForm(request.POST or None, person=found), None
    if request.method == "POST" and form.is_valid():
        problem = attempt(request, "person", lambda: _write(found, form, staff(request)))
        if problem is None:
            messages.success(request, _("Saved."))
            return redirect("console:people")
    return _show(request, form, found, problem)


@require_POST
@needs("administer")
def act(request: HttpRequest, user_id: int) -> HttpResponse:
    """Another password; off; on."""
    found = get_object_or_404(User, pk=user_id)
    what, made, by = request.POST.get("what", ""), list[str](), staff(request)
    problem = attempt(request, "act", lambda: made.append(_do(what, found, by)))
    if problem or (what == "password" and made):
        return _show(request, PersonForm(person=found), found, problem, (found.username, "".join(made)))
    if made:
        messages.success(request, made[0])
    return redirect("console:people")


def _do(what: str, user: User, by: User) -> str:
    if what == "password":
        return people.new_password(user, by=by.get_username())
    if what == "on":
        people.switch_on(user, by=by)
        return _("%(name)s may work again.") % {"name": user.get_username()}
    if what != "off":
        raise NotPossible(_("The form is not complete. Load the page again."))
    back = people.switch_off(user, by=by)
    return ngettext(
        "%(name)s is switched off. %(n)d thing that lay with them went back.",
        "%(name)s is switched off. %(n)d things that lay with them went back.",
        back,
    ) % {"name": user.get_username(), "n": back}


def _show(
    request: HttpRequest,
    form: PersonForm,
    found: User | None,
    problem: Problem | None,
    secret: tuple[str, str] = ("", ""),
) -> HttpResponse:
    context = {"form": form, "person_": found, "problem": problem, "name": secret[0], "secret": secret[1]}
    status = 422 if request.method == "POST" and not secret[1] else 200
    return render(request, "console/person.html", panes.frame(request) | context, status=status)
