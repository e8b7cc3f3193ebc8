"""`/requests/NUMBER/follow/`: who has the same problem says so on its page, and hears how it ends.

What they add goes to the department, and is on no page; the news stand on a private page of their own, and in a mail
if they gave an address.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from openline.outbox import mailing
from openline.portal.contact import door, tokens
from openline.portal.contact.forms import FollowForm
from openline.portal.contact.views import is_open, private
from openline.service_requests import public
from openline.service_requests.models import ServiceRequest


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """The form; what it brings goes to the door, and the browser to the private page. A closed one has no followers."""
    found = get_object_or_404(public.requests().select_related("service"), number=number.replace("\x00", "")[:20])
    if not public.is_open(found.status):
        return redirect("portal:request", found.number)
    if not is_open():
        return render(request, "portal/contact_closed.html", status=503)
    form = FollowForm(request)
    if form.is_bound and form.is_valid():
        return redirect("portal:talk", _begin(form, found))
    context = {"form": form, "found": found, "mails": mailing.mail_account() is not None}
    return render(request, "portal/follow.html", context, status=422 if form.is_bound else 200)


def _begin(form: FollowForm, found: ServiceRequest) -> str:
    """Begin the conversation in which it is followed; the token of its private page."""
    assert form.stamped
    got = form.cleaned_data
    talk = door.begin(form.stamped.form, email=got["email"], language=got["language"])
    door.put(talk, got["text"], got["photos"], about="report", follows=found.number, form=form.stamped.form)
    return tokens.token(talk)
