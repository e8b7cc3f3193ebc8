"""Photos and files: shown to staff, and what they do with those of a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from openline.console.once import Problem, staff, typed
from openline.console.permissions import allowed, needs
from openline.console.photos import visible
from openline.console.views.requests import after, one_request, show_problem
from openline.files import attaching, serving, uploading
from openline.files.models import Attachment, File
from openline.files.pictures import Refused
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import public_numbers
from openline.service_requests.models import ServiceRequest
from openline.triage.personal_data import public_text


@require_GET
@needs("requests")
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponse:
    """A photo, or the file as it came: a document for all who may see it, a picture's original for few."""
    found = get_object_or_404(Attachment.objects.select_related("file"), pk=photo_id)
    if not visible(request.user, found):
        raise Http404
    if size != "original":
        return serving.private_answer(found, size)
    if found.file and found.file.is_picture and not allowed(request.user, "see_originals"):
        raise Http404
    answer = serving.original(found)
    attaching.seen(found, by=staff(request))
    return answer


@require_POST
@needs("move_request")
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Attach photos and files to a request. They are read before anything is saved: that can take seconds."""
    found, form = one_request(request, number), f"photos:{number}"
    try:
        files = uploading.take(request.FILES.getlist("files"))
    except Refused as error:
        return show_problem(request, found, Problem(form, str(error), request.POST))
    public = request.POST.get("public") == "1"
    return after(
        request,
        found,
        form,
        _possible(
            lambda: attaching.add(
                found.pk,
                files,
                by=staff(request),
                kind=typed(request, "kind", 10),
                alt=_alt(request, public),
                public=public,
            )
        ),
    )


@require_POST
@needs("move_request")
def change(request: HttpRequest, number: str, photo_id: UUID) -> HttpResponse:
    """Say what a photo shows, and whether everybody may see it."""
    found = one_request(request, number)
    public = request.POST.get("public") == "1"
    return after(
        request,
        found,
        f"photo:{photo_id}",
        _possible(
            lambda: attaching.change(
                _of(found, photo_id),
                by=staff(request),
                public=public,
                alt=_alt(request, public),
                kind=typed(request, "kind", 10),
            )
        ),
    )


@require_POST
@needs("move_request")
def remove(request: HttpRequest, number: str, photo_id: UUID) -> HttpResponse:
    """Take a photo off the request, with the reason."""
    found = one_request(request, number)
    return after(
        request,
        found,
        f"photo:{photo_id}",
        _possible(
            lambda: attaching.remove(_of(found, photo_id), by=staff(request), reason=typed(request, "reason", 300))
        ),
    )


def after_photos(request: HttpRequest, found: ServiceRequest, files: Sequence[File]) -> None:
    """Attach photos of the finished work that came with the form that closes the request."""
    public = request.POST.get("public") == "1"
    _possible(lambda: attaching.add(found.pk, files, by=staff(request), alt=_alt(request, public), public=public))()


def _alt(request: HttpRequest, public: bool) -> str:
    """What the photo shows, in words; in public without personal data, like every text."""
    text = typed(request, "alt", 1500)
    return public_text(text, public_numbers()) if public else text


def _of(found: ServiceRequest, photo_id: UUID) -> Attachment:
    photo = Attachment.objects.filter(pk=photo_id, request_id=found.pk).first()
    if photo is None:
        raise NotPossible(_("This photo is not with the request any more. Load the page again."))
    return photo


def _possible(act: Callable[[], object]) -> Callable[[], object]:
    """`act`, with a refusal of the files room as the console shows it."""

    def tried() -> object:
        try:
            return act()
        except Refused as error:
            raise NotPossible(str(error)) from None

    return tried
