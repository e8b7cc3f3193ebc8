"""`/me/`: a member's own page: what they say of themselves, what they follow and wrote, and the ways out."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openline.community import following, members
from openline.community import own as owned
from openline.community.models import Member
from openline.portal.community.forms import ProfileForm
from openline.portal.community.views import member_only, own, signed_in


@own
@member_only
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Everything about a member, and the form to change it."""
    member = signed_in(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, member=member)
    if form.is_bound and form.is_valid() and _changed(form, member):
        messages.success(request, _("Saved."))
        return redirect("portal:me")
    said, older = owned.page(member, request.GET.get("before", ""))
    context = {
        "form": form,
        "member": member,
        "requests": following.requests_of(member),
        "areas": following.areas_of(member),
        "said": said,
        "older": older,
    }
    return render(request, "portal/me/page.html", context, status=422 if form.errors else 200)


def _changed(form: ProfileForm, member: Member) -> bool:
    got: dict[str, Any] = {name: form.cleaned_data[name] for name in ("name", "area", "language", "digest")}
    try:
        members.change(member, **got)
    except members.Refused as error:
        form.add_error(error.field or None, str(error))
        return False
    return True


@require_POST
@member_only
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out here; with `everywhere`, in all browsers."""
    if "everywhere" in request.POST:
        members.end_all_sessions(signed_in(request))
    members.leave_session(request)
    messages.success(request, _("You are signed out."))
    return redirect("portal:home")


@own
@member_only
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """All that is kept about a member, as JSON."""
    body = orjson.dumps(owned.everything(signed_in(request)), option=orjson.OPT_INDENT_2, default=str)
    name = f"about-me-{timezone.now():%Y-%m-%d}.json"
    return HttpResponse(body, "application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@own
@member_only
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Say what leaving means; with POST, leave."""
    if request.method != "POST":
        return render(request, "portal/me/leave.html", {"former": members.former_name()})
    members.leave(signed_in(request))
    members.leave_session(request)
    messages.success(request, _("You have left. Your e-mail address is forgotten."))
    return redirect("portal:home")
