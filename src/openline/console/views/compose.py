"""The composer: writing a post, seeing how it will look everywhere, keeping it, and handing it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openline.care import places
from openline.console import panes
from openline.console.composing import reading, starting
from openline.console.composing.showing import Composer
from openline.console.once import staff
from openline.console.permissions import needs
from openline.files import serving, uploading
from openline.files.models import File
from openline.files.pictures import Refused
from openline.foundation.ids import uuid7
from openline.foundation.text import clean
from openline.publishing import captions, hashtags, listing, scheduling, slots, speaking, writing
from openline.publishing import content as contents
from openline.publishing.content import Content
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Post, PostVersion, Variant
from openline.publishing.states import PostState, VariantState
from openline.service_requests.errors import NotPossible as NoPlace

_CAPTIONS_BYTES = 1_000_000
_DRAFTS = (PostState.IDEA, PostState.DRAFT)


@require_GET
@needs("publish")
def new(request: HttpRequest) -> HttpResponse:
    """An empty composer, or one that begins with an article, a request, an earlier post, or what it corrects."""
    return _show(request, uuid7(), starting.content_for(request.GET, staff(request)))


@require_http_methods(["GET", "POST"])
@needs("publish")
def edit(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """The composer of one post; each of its buttons sends all of it, and nothing that was typed is lost."""
    post = Post.objects.filter(pk=post_id).first()
    if request.method == "GET":
        return _open(request, post)
    try:
        kept = _keep(request, post_id, _typed(request, post))
    except Conflict as error:
        return _show(request, post_id, _lenient(request), error, theirs=Post.objects.filter(pk=post_id).first())
    except NotPossible as error:
        return _show(request, post_id, _lenient(request, error.field), error)
    try:
        return _carry_out(request, kept)
    except NotPossible as error:
        return _show(request, post_id, contents.read(kept), error, kept=Post.objects.get(pk=post_id))


@require_POST
@needs("publish")
def preview(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """How what is typed will look on each account, with what is wrong; keeps nothing."""
    post = Post.objects.filter(pk=post_id).first()
    return render(
        request, "console/publish/_preview.html", {"composer": Composer(_lenient(request), staff(request), post)}
    )


@require_POST
@needs("publish")
def autosave(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """Keep a draft while it is written. What is scheduled or under review is only changed by a button."""
    post = Post.objects.filter(pk=post_id).first()
    if post and post.state not in _DRAFTS:
        return JsonResponse({"kept": False})
    try:
        content = reading.content_of(request.POST, _known_place(request, post))
        saved = _save(request, post_id, reading.keeping(content, contents.read(post)) if post else content)
    except Conflict as error:
        return JsonResponse({"kept": False, "words": str(error), "conflict": True})
    except NotPossible as error:
        return JsonResponse({"kept": False, "words": str(error)})
    return JsonResponse({"kept": True, "version": saved.version, "words": _("Draft kept.")})


@require_GET
@needs("publish")
def file(request: HttpRequest, sealed: str, size: str) -> HttpResponse:
    """A picture of a post, for who writes it."""
    named = reading.unseal(sealed)
    found = File.objects.filter(pk=named).first() if named else None
    if found is None:
        raise Http404
    return serving.page_picture(found, size, public=False)


def _open(request: HttpRequest, post: Post | None) -> HttpResponse:
    if post is None:
        raise Http404
    content = contents.read(post)
    try:
        if post.state not in writing.CHANGEABLE:
            raise NotPossible(_("This post is out or put away: its text is not changed here."))
        speaking.check(staff(request), content)
    except NotPossible as error:
        messages.error(request, str(error))
        return redirect("console:post", post.pk)
    return _show(request, post.pk, content)


def _keep(request: HttpRequest, post_id: UUID, content: Content) -> Post:
    """Save what was typed, whatever the button says beyond that."""
    return _save(request, post_id, _with_tags(content) if _step(request) == "tags" else content)


def _step(request: HttpRequest) -> str:
    """What the button says: "up" of "up:<file>"."""
    return request.POST.get("do", "save").partition(":")[0]


def _carry_out(request: HttpRequest, post: Post) -> HttpResponse:
    """Do what the button says with the saved post."""
    step = _step(request)
    if step == "hand_in":
        return _hand_in(request, post)
    at = _time(request)
    if at and at != post.leave_at:
        scheduling.reschedule(post.pk, at, by=staff(request))
    if step == "idea":
        writing.shelve(post.pk, by=staff(request))
    if step in ("save", "idea"):
        messages.success(request, _("Kept as an idea.") if step == "idea" else _("Draft saved."))
    goal = {"add": "#media", "up": "#media", "down": "#media", "out": "#media", "language": "#texts"}.get(step, "")
    return redirect(reverse("console:post_edit", args=[post.pk]) + goal)


def _hand_in(request: HttpRequest, post: Post) -> HttpResponse:
    by = staff(request)
    at = _good_time(post) if request.POST.get("when") == "slot" else _time(request)
    if post.state == PostState.IDEA:
        writing.take_up(post.pk, by=by)
    if post.state == PostState.SCHEDULED:
        handed = scheduling.reschedule(post.pk, at or timezone.now(), by=by)
    else:
        handed = scheduling.hand_in(post.pk, at, by=by)
    messages.success(request, _said(handed, at))
    return redirect("console:post", post.pk)


def _said(handed: Post, at: datetime | None) -> str:
    """What became of a post that was handed in for `at` (None: now)."""
    if handed.state == PostState.REVIEW:
        return _("It waits for approval.")
    if handed.variants.filter(state=VariantState.HELD).exists():
        return _("Publishing is paused: it is held back until somebody who may end the pause decides.")
    return _("On its way.") if at is None else _("Scheduled.")


def _save(request: HttpRequest, post_id: UUID, content: Content) -> Post:
    """Make the post, or save over the version that the person saw. A form sent twice saves once."""
    by, seen = staff(request), _seen(request)
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        try:
            return writing.create(content, by=by, id=post_id, corrects=_corrected(request))
        except IntegrityError:
            raise Conflict(_("This form was sent twice. Load the post again.")) from None
    if seen == 0 and contents.read(post) == content:
        return post
    return writing.change(post_id, content, by=by, seen=seen)


def _typed(request: HttpRequest, post: Post | None) -> Content:
    """What the form holds, with the files that came with it."""
    typed = request.POST.copy()
    for name, upload in request.FILES.items():
        if name.startswith("captions_file-") and isinstance(upload, UploadedFile):
            typed[name.replace("captions_file-", "captions-", 1)] = _captions(upload)
    content = reading.content_of(typed, _place(request, post))
    if post:
        content = reading.keeping(content, contents.read(post))
    given = request.FILES.getlist("files")
    if not given:
        return content
    try:
        return reading.with_files(content, uploading.take_with_films(given))
    except Refused as error:
        raise NotPossible(str(error), "media") from None


def _lenient(request: HttpRequest, field: str = "") -> Content:
    """What the form holds, without the field that cannot be read."""
    typed = request.POST.copy()
    for _try in range(5):
        if field:
            _blank(typed, field)
        try:
            return reading.content_of(typed, _known_place(request, None))
        except NotPossible as error:
            field = error.field
    return Content()


def _blank(typed: QueryDict, field: str) -> None:
    """Empty the field; of accounts and files those that are named wrong."""
    if field == "media":
        typed.setlist("media", [one for one in typed.getlist("media") if reading.unseal(one)])
    elif field == "accounts":
        typed.setlist("form", [one for one in typed.getlist("form") if len(one.partition(":")[0]) == 36])
    elif field != "place" and field in typed:
        typed[field] = ""


def _captions(upload: UploadedFile) -> str:
    """A file of captions, WebVTT or SubRip, as WebVTT."""
    if (upload.size or 0) > _CAPTIONS_BYTES:
        raise NotPossible(_("These captions are larger than a megabyte."), "media")
    try:
        return captions.from_srt(upload.read().decode("utf-8-sig"))
    except ValueError:
        raise NotPossible(_("These captions cannot be read: choose a WebVTT (.vtt) or SubRip (.srt) file."), "media")


def _place(request: HttpRequest, post: Post | None) -> dict[str, Any] | None:
    """The place that was typed, as the gazetteer or the outside geocoder knows it. Raises NotPossible."""
    text = clean(request.POST.get("place", ""), 300)
    known = _known_place(request, post)
    if known or not text:
        return known
    places.look_outside(text)
    try:
        return places.resolve(text)
    except NoPlace as error:
        raise NotPossible(str(error), "place") from None


def _known_place(request: HttpRequest, post: Post | None) -> dict[str, Any] | None:
    """The place of the form if it is known already; asks nobody."""
    text = clean(request.POST.get("place", ""), 300)
    if post and text and text == post.place and post.latitude is not None:
        return {"name": post.place, "lat": post.latitude, "lon": post.longitude}
    try:
        return places.resolve(text) if text else None
    except NoPlace:
        return None


def _with_tags(content: Content) -> Content:
    """The hashtags of all texts with a capital for each of their words."""
    texts = {
        language: replace(words, text=hashtags.mended(words.text, content.topics))
        for language, words in content.texts.items()
    }
    return replace(content, texts=texts)


def _time(request: HttpRequest) -> datetime | None:
    """When it goes out: None for now. Raises NotPossible."""
    if request.POST.get("when") != "at":
        return None
    at = reading.moment(request.POST, "leave_at")
    if at is None and request.POST.get("do", "").startswith("hand_in"):
        raise NotPossible(_("Say when it goes out, or choose “now”."), "leave_at")
    return at


def _good_time(post: Post) -> datetime:
    """The next good time that is free on all accounts of the post. Raises NotPossible."""
    accounts = list(
        {variant.account_id: variant.account for variant in post.variants.select_related("account")}.values()
    )
    at = slots.next_free(accounts, after=post.embargo_until)
    if at is None:
        raise NotPossible(_("No good time is free on all these accounts for two weeks: choose one."), "leave_at")
    return at


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _corrected(request: HttpRequest) -> Post | None:
    """The post that a new one puts right, if the form names one."""
    named = reading.unseal(request.POST.get("corrects", ""))
    return Post.objects.filter(pk=named).first() if named else None


def _show(
    request: HttpRequest,
    post_id: UUID,
    content: Content,
    problem: NotPossible | None = None,
    *,
    theirs: Post | None = None,
    kept: Post | None = None,
) -> HttpResponse:
    """The page: `theirs` is what somebody else saved meanwhile, `kept` what was saved before the `problem` came."""
    post = theirs or kept or Post.objects.filter(pk=post_id).first()
    seen = post.version if post and (theirs or kept or request.method == "GET") else _seen(request)
    begun_for = starting.time_for(request.GET) if post is None else None
    context = {
        "composer": Composer(content, staff(request), post),
        "post": post,
        "post_id": post_id,
        "version": seen,
        "problem": problem,
        "kept": kept,
        "back": listing.returned([post]).get(post.pk) if post else None,
        "theirs": contents.read(theirs) if theirs else None,
        "their_version": PostVersion.objects.filter(post=theirs).order_by("-number").first() if theirs else None,
        "leave_at": request.POST.get("leave_at", "") or (post.leave_at if post else begun_for),
        "when": request.POST.get("when", "at" if begun_for or (post and post.leave_at) else "now"),
        "corrects": request.POST.get("corrects", "") or _corrects(request),
    }
    return render(
        request, "console/publish/compose.html", panes.frame(request) | context, status=422 if problem else 200
    )


def _corrects(request: HttpRequest) -> str:
    """The sealed name of the post whose publication the new one puts right."""
    try:
        variant = Variant.objects.filter(pk=UUID(request.GET.get("corrects", ""))).first()
    except ValueError:
        return ""
    return reading.seal(variant.post_id) if variant else ""
