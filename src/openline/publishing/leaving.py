"""From a plan to the outbox: what is due is put on its way, each variant once, in one transaction.

So many of one account are on their way at a time as its network takes quickly, so that answers to residents never wait
behind a long list of posts; the next follow as soon as those are out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.channels.base import Outgoing, Poll
from openline.foundation.bulk import notify, query
from openline.foundation.ids import moment_of, uuid7
from openline.outbox import restoring
from openline.outbox.models import Delivery, State
from openline.outbox.sending import WAKE_SENDERS
from openline.publishing import content as contents
from openline.publishing import fitting, links, media, pausing
from openline.publishing.content import OWN, Form
from openline.publishing.models import Post, Variant
from openline.publishing.states import FORMS, Kind, PostState, VariantState
from openline.records import log
from openline.records.models import Kind as RecordKind

AT_ONCE = 20
"""Publications of one account that are on their way at a time."""
KEYS = "post:"
"""How the keys of all deliveries of publishing begin."""
BATCH = 100
HAND_OVER = timedelta(minutes=30)
"""So long ahead a network gets what it is to publish by itself (`options["by_network"]`)."""
LEAST_AHEAD = timedelta(minutes=12)
"""Later it is not handed over any more: networks want ten minutes (Facebook, as of 2026), and a try takes time."""

# The post is locked with its variant: who changes or approves it just now is not waited for, nor overtaken.
_DUE = """
SELECT v.id FROM publishing_variant v JOIN publishing_post p ON p.id = v.post_id
WHERE v.state = 'planned' AND v.leave_at <= %s AND (v.leave_at <= %s OR v.options->>'by_network' = 'yes')
  AND p.state IN ('scheduled', 'out') AND (p.kind = 'alert' OR v.account_id <> ALL(%s))
ORDER BY (p.kind <> 'alert'), v.leave_at, v.id LIMIT %s OFFSET %s FOR UPDATE OF p, v SKIP LOCKED
"""

logger = structlog.get_logger("openline.publishing")


def leave(limit: int = BATCH) -> int:
    """Put up to `limit` due variants on their way; returns how many moved on. What waits for its film or its blog post
    is looked at again the next time, and keeps nobody behind it waiting."""
    now, moved, looked = timezone.now(), 0, 0
    with transaction.atomic(), log.together():
        pausing.together()
        on_their_way = _on_their_way()
        full = [account for account, count in on_their_way.items() if count >= AT_ONCE]
        while ids := [row[0] for row in query(_DUE, [now + HAND_OVER, now, full, limit, looked])]:
            due = Variant.objects.filter(pk__in=ids).select_related("post__alert", "account")
            due = due.prefetch_related("post__texts", "post__media__file", "post__variants")
            moved += sum(_leave_alone(variant, on_their_way) for variant in due.order_by("leave_at", "id"))
            looked += len(ids)
            if moved or len(ids) < limit:
                break
        if moved:
            notify(WAKE_SENDERS)
    return moved


def _on_their_way() -> Counter[UUID]:
    """How many publications of each account have not arrived yet."""
    rows = query("SELECT account_id, count(*) FROM publishing_variant WHERE state = 'queued' GROUP BY account_id")
    return Counter(dict(rows))


def _leave_alone(variant: Variant, on_their_way: Counter[UUID]) -> bool:
    """One variant by itself: what breaks on it breaks no other, and a person sees it."""
    if variant.post.kind != Kind.ALERT and on_their_way[variant.account_id] >= AT_ONCE:
        return False
    try:
        with transaction.atomic():
            moved = _leave(variant)
    except Exception:
        logger.exception("not_put_out", variant=str(variant.pk))
        _miss(variant, _("Openline failed to prepare it: see the log of the worker."))
        return True
    on_their_way[variant.account_id] += variant.state == VariantState.QUEUED
    return moved


def _leave(variant: Variant) -> bool:
    """Move one on: to the outbox, or among the missed. False if it waits for something else that is on its way."""
    lost = restoring.from_before(variant.leave_at)
    latest = timezone.now() if lost else latest_of(variant)
    if reason := _why_not(variant, latest, lost):
        _miss(variant, reason)
        return True
    if _waits_for_its_time(variant) or _waits_for_the_blog(variant) or not media.ready(variant):
        return False
    outgoing = outgoing_of(variant)
    variant.delivery = put_out(variant, outgoing, key=f"{KEYS}{variant.pk}:{variant.revision}", latest=latest)
    variant.state, variant.reason = VariantState.QUEUED, ""
    variant.save(update_fields=["delivery", "state", "reason"])
    _out(variant.post)
    body = {"what": "post", "post": variant.post_id, "variant": variant.pk, "said": outgoing.as_json()}
    log.write([log.Entry(RecordKind.WRITTEN, "openline", variant.account_id, body=body)])
    return True


def _why_not(variant: Variant, latest: datetime, lost: bool) -> str:
    if lost and "public" not in variant.account.capabilities.finds_lost:
        return _("It may have gone out before the restore, and this network does not tell: look there first.")
    if not lost and timezone.now() > latest:
        return _("It could not go out in time.")
    return media.refused(variant)


def latest_of(variant: Variant) -> datetime:
    """Until when the variant may go out."""
    post = variant.post
    latest = (variant.leave_at or timezone.now()) + post.may_be_late
    return min(latest, post.alert.expires_at) if post.alert else latest


def _miss(variant: Variant, reason: str) -> None:
    variant.state, variant.reason = VariantState.MISSED, reason
    variant.save(update_fields=["state", "reason"])
    body = {"what": "post missed", "post": variant.post_id, "variant": variant.pk, "leave_at": variant.leave_at}
    log.write([log.Entry(RecordKind.NOT_SAID, "openline", variant.account_id, body=body)])
    _out(variant.post)


def _out(post: Post) -> None:
    """The post is out as soon as one of its variants is on its way."""
    Post.objects.filter(pk=post.pk, state=PostState.SCHEDULED).update(state=PostState.OUT, changed_at=timezone.now())


def _waits_for_its_time(variant: Variant) -> bool:
    """It came here ahead of time, and its network does not take it ahead, or no more."""
    return variant.leave_at is not None and variant.leave_at > timezone.now() and publish_at(variant) is None


def publish_at(variant: Variant) -> datetime | None:
    """When its network is to publish it by itself; None where it is to be published at once."""
    if variant.options.get("by_network") != "yes" or variant.leave_at is None:
        return None
    able = variant.account.capabilities.scheduling and variant.post.kind not in (Kind.ALERT, Kind.STORY)
    return variant.leave_at if able and variant.leave_at - timezone.now() >= LEAST_AHEAD else None


def _waits_for_the_blog(variant: Variant) -> bool:
    """Posts that announce a blog post leave after it, with its address, while it may still come."""
    if variant.post.kind != Kind.BLOG or _is_article(variant):
        return False
    coming = (VariantState.PLANNED, VariantState.QUEUED, VariantState.HELD)
    others = variant.post.variants.filter(state__in=coming).exclude(pk=variant.pk).select_related("account")
    return not _blog_url(variant.post) and any(_is_article(other) for other in others)


def is_blog_post(variant: Variant) -> bool:
    """True if the variant stands on a blog with title and rich text, not as an announcement of it."""
    return variant.post.kind == Kind.BLOG and _is_article(variant)


def _is_article(variant: Variant) -> bool:
    return variant.account.capabilities.articles


def _blog_url(post: Post) -> str:
    if post.kind != Kind.BLOG:
        return ""
    sent = post.variants.filter(state=VariantState.SENT).exclude(url="").select_related("account")
    return next((variant.url for variant in sent if _is_article(variant)), "")


def outgoing_of(variant: Variant) -> Outgoing:
    """What the network gets."""
    post, account = variant.post, variant.account
    content = contents.read(post)
    form = Form(str(account.pk), variant.language, variant.text, variant.title, variant.first_comment, variant.options)
    fitted = fitting.fit(content, form, account, blog_url=_blog_url(post), shorten=links.shortener(variant))
    can = account.capabilities
    outgoing = Outgoing(
        fitted.text,
        in_reply_to=variant.options.get("in_reply_to", ""),
        thread_root=variant.options.get("in_reply_to", ""),
        language=variant.language,
        link=fitted.link,
        warning=content.warning if can.warnings else "",
        media=media.outgoing(variant),
        article=fitted.article,
        form=FORMS.get(post.kind, ""),
        title=fitted.title if can.title_limit else "",
        tags=content.topics,
        place=_point(content),
        options=variant.options.get(OWN, {}),
        publish_at=publish_at(variant),
    )
    if content.poll and can.polls:
        poll = content.poll
        outgoing = replace(
            outgoing, poll=Poll(tuple(poll["options"]), int(poll["seconds"]), bool(poll.get("multiple")))
        )
    return outgoing


def _point(content: contents.Content) -> tuple[float, float] | None:
    if content.latitude is None or content.longitude is None:
        return None
    return content.latitude, content.longitude


def put_out(variant: Variant, outgoing: Outgoing, *, key: str, latest: datetime | None = None) -> Delivery:
    """One more delivery of this variant, behind all earlier ones of it. After a restore what was planned before it is
    looked for on the network first: it may have gone out in the time that is lost."""
    now, mark = timezone.now(), restoring.last()
    look = mark if mark and min(moment_of(variant.pk), variant.leave_at or now) <= mark.restored_at else None
    delivery = Delivery(
        id=uuid7(),
        account_id=variant.account_id,
        key=key[:200],
        thread=f"post:{variant.pk}",
        outgoing=outgoing.as_json(),
        state=State.UNCLEAR if look else State.WAITING,
        next_try_at=now,
        created_at=look.backup_at if look else now,
        not_after=latest,
    )
    delivery.save(force_insert=True)
    return delivery
