"""What waits for approval, and one post as those who approve see it: first on a phone."""

from __future__ import annotations

import difflib
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openline.accounts.models import Account
from openline.console import panes
from openline.console.once import Problem, attempt, staff, typed
from openline.console.permissions import needs
from openline.files import serving
from openline.files.models import File
from openline.publishing import approval, fitting, planning, scheduling
from openline.publishing import content as contents
from openline.publishing.content import Content
from openline.publishing.errors import NotPossible
from openline.publishing.models import Post, PostMedia, PostVersion, Review
from openline.publishing.policy import standings
from openline.publishing.states import PostState

_MOST = 200


@require_GET
@needs("approve")
def page(request: HttpRequest) -> HttpResponse:
    """What waits for the person's word, what for others', and what went out without any."""
    waiting = Post.objects.filter(state=PostState.REVIEW).select_related("written_by")
    posts = list(planning.with_words(waiting.order_by(F("leave_at").asc(nulls_first=True), "id"))[:_MOST])
    found, user = standings(posts), staff(request)
    mine = [post for post in posts if found[post.pk].waits_for(user)]
    others = [(post, approval.words(found[post.pk].missing)) for post in posts if post not in mine]
    overridden = Review.objects.filter(verdict=approval.OVERRIDDEN).select_related("post", "by").order_by("-at")[:5]
    context = {"mine": mine, "others": others, "overridden": overridden, "most": len(posts) == _MOST}
    return render(request, "console/publish/approvals.html", panes.frame(request) | context)


@require_http_methods(["GET", "POST"])
@needs("approve")
def post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """One post: how it will look on each network, what changed, and the two buttons."""
    found = get_object_or_404(Post.objects.select_related("written_by", "series"), pk=post_id)
    problem = None
    if request.method == "POST":
        problem = attempt(request, "approval", lambda: _decide(request, post_id))
        if problem is None:
            return redirect("console:approvals")
        found.refresh_from_db()
    context = panes.frame(request) | _context(request, found, problem)
    return render(request, "console/publish/approval.html", context, status=422 if problem else 200)


@require_GET
@needs("approve")
def picture(request: HttpRequest, post_id: UUID, file_id: UUID) -> HttpResponse:
    """A picture of a post, for who approves it."""
    found = get_object_or_404(PostMedia.objects.select_related("file"), post=post_id, file=file_id)
    if not found.file.is_picture:
        raise Http404
    return serving.stored(found.file.view, "image/jpeg", "")


def _decide(request: HttpRequest, post_id: UUID) -> None:
    """Approve or send back the version that the person saw."""
    seen, comment, by = typed(request, "seen", 10), typed(request, "comment", 2000), staff(request)
    if not seen.isdigit():
        raise NotPossible(_("The form is not complete. Load the page again, then send it once more."))
    if typed(request, "what") == "return":
        scheduling.send_back(post_id, by=by, seen=int(seen), comment=comment)
        messages.success(request, _("Sent back with your comment."))
        return
    done = scheduling.approve(post_id, by=by, seen=int(seen), comment=comment)
    if done.state == PostState.SCHEDULED:
        messages.success(request, _("Approved: it is scheduled."))
    elif missing := approval.missing(done):
        messages.success(request, _("Approved. %(missing)s.") % {"missing": approval.words(missing)})
    else:
        messages.warning(request, _("Approved, but its time is past: somebody has to choose a new one."))


def _context(request: HttpRequest, post: Post, problem: Problem | None) -> dict[str, object]:
    content, user = contents.read(post), staff(request)
    standing = approval.standing(post)
    seen = post.reviews.filter(by=user, version__lt=post.version).order_by("-version").first()
    return {
        "post": post,
        "problem": problem,
        "looks": _looks(content),
        "media": _media(content),
        "changes": _changes(post, content, seen.version) if seen else [],
        "seen_version": seen.version if seen else None,
        "reviews": post.reviews.select_related("by").order_by("-at")[:20],
        "missing": approval.words(standing.missing),
        "may_decide": post.state == PostState.REVIEW and standing.hears(user),
        "may_stop": post.state == PostState.SCHEDULED and standing.hears(user),
        "own": user.pk in standing.authors,
        "late": scheduling.too_late(post),
    }


def _looks(content: Content) -> list[tuple[Account, fitting.Fitted]]:
    """The post on each account, by the same code that sends it."""
    accounts = {str(one.pk): one for one in Account.objects.filter(pk__in=[UUID(f.account) for f in content.forms])}
    return [(accounts[f.account], fitting.fit(content, f, accounts[f.account])) for f in content.forms]


def _media(content: Content) -> list[tuple[File, str]]:
    """Files with their description in the post's language."""
    files = File.objects.in_bulk([UUID(item.file) for item in content.media])
    found = [(files.get(UUID(item.file)), item) for item in content.media]
    return [(file, item.alts.get(content.language, "")) for file, item in found if file]


def _changes(post: Post, now: Content, seen: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """What changed in the words since the version that the person saw: by language, stretches kept, new and gone."""
    version = PostVersion.objects.filter(post=post, number=seen).first()
    if version is None:
        return []
    then, found = Content.from_json(version.content), []
    for language in sorted({*then.texts, *now.texts}):
        before, after = _words(then, language), _words(now, language)
        if before != after:
            found.append((language, stretches(before, after)))
    return found


def _words(content: Content, language: str) -> str:
    words = content.texts.get(language)
    return "\n\n".join(part for part in (words.title, words.text, words.body) if part) if words else ""


def stretches(before: str, after: str) -> list[tuple[str, str]]:
    """The two texts as one: stretches that are "same", "ins" or "del", word by word."""
    one, two = before.split(" "), after.split(" ")
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", " ".join(one[a:b]) + " "))
            continue
        if a < b:
            found.append(("del", " ".join(one[a:b]) + " "))
        if c < d:
            found.append(("ins", " ".join(two[c:d]) + " "))
    return found
