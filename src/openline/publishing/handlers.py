"""What becomes of publications: the network's receipt, a failure, and what then follows."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels.base import Outgoing, Receipt
from openline.foundation.bulk import notify, query
from openline.foundation.ids import uuid7
from openline.outbox import events, restoring
from openline.outbox.models import Delivery
from openline.publishing import leaving, measuring, pausing
from openline.publishing.models import Errand, Published, Variant
from openline.publishing.scheduling import WAKE
from openline.publishing.states import VariantState
from openline.records import log
from openline.records.models import Kind as RecordKind

_ASKED = ("post_id", "account_id", "language", "first_comment")
_TOLD = ("state", "sent_at", "reason", "network_id", "uri", "url", "measure_at")


@events.sent.subscribe
def keep_receipt(sent: events.DeliverySent) -> None:
    """The network has it: note where it stands, and say the first comment below it."""
    if not sent.key.startswith(leaving.KEYS):
        return
    variant = Variant.objects.filter(delivery_id=sent.delivery_id).only(*_ASKED).first()
    if variant is None:
        return _errand_done(sent)
    receipt = sent.receipt
    variant.state, variant.sent_at, variant.reason = VariantState.SENT, sent.sent_at, ""
    variant.network_id, variant.uri, variant.url = receipt.network_id[:500], receipt.uri[:1000], receipt.url[:1000]
    variant.measure_at = measuring.first_look(sent.network, sent.sent_at)
    variant.save(update_fields=_TOLD)
    note_published(variant, receipt)
    body = {"what": "post", "post": variant.post_id, "variant": variant.pk, "network_id": receipt.network_id}
    log.write([log.Entry(RecordKind.SAID, "openline", sent.account_id, body={**body, "url": receipt.url})])
    _first_comment(variant)
    notify(WAKE)


def note_published(variant: Variant, receipt: Receipt) -> None:
    """Replies to any of these posts of the network are about this variant."""
    rows = [
        Published(id=uuid7(), account_id=variant.account_id, network_id=network_id[:500], variant=variant)
        for network_id in (receipt.network_id, *receipt.parts)
        if network_id
    ]
    Published.objects.bulk_create(rows, ignore_conflicts=True)


def _first_comment(variant: Variant) -> None:
    text = variant.first_comment
    if text is None:  # the post's own, in the variant's language, else in the post's
        found = query(_COMMENT, [variant.post_id, variant.language])
        text = found[0][0] if found else ""
    text = text.strip()
    if not text:
        return
    comment = Outgoing(text, in_reply_to=variant.network_id, thread_root=variant.network_id, language=variant.language)
    delivery = leaving.put_out(variant, comment, key=f"post:{variant.pk}:comment")
    Errand.objects.create(variant=variant, what="comment", delivery=delivery)


_COMMENT = """
SELECT t.first_comment FROM publishing_posttext t JOIN publishing_post p ON p.id = t.post_id
WHERE t.post_id = %s AND t.language IN (%s, p.language) ORDER BY t.language = p.language LIMIT 1
"""


def _errand_done(sent: events.DeliverySent) -> None:
    """An edit, a deletion or a first comment was carried out."""
    errand = Errand.objects.filter(delivery_id=sent.delivery_id).select_related("variant").first()
    if errand is None:
        return
    errand.done_at, errand.reason = sent.sent_at, ""
    errand.save(update_fields=["done_at", "reason"])
    variant = errand.variant
    if errand.what == "comment":
        note_published(variant, sent.receipt)
    if errand.what == "delete" and not open_deletions(variant):
        Variant.objects.filter(pk=variant.pk).update(state=VariantState.DELETED, measure_at=None)
    body = {"what": f"post {errand.what}", "post": variant.post_id, "variant": variant.pk}
    log.write([log.Entry(RecordKind.SAID, "openline", sent.account_id, body=body)])


def open_deletions(variant: Variant) -> bool:
    """True while a part of a numbered thread still stands."""
    return variant.errands.filter(what="delete", done_at=None).exists()


@events.failed.subscribe
def show_failure(failed: events.DeliveryFailed) -> None:
    """Staff see which account has it not, and why; the others are untouched."""
    errand = Errand.objects.filter(delivery_id=failed.delivery_id).first()
    if errand:
        Errand.objects.filter(pk=errand.pk).update(reason=failed.reason[:1000])
        return
    kind = Delivery.objects.filter(pk=failed.delivery_id).values_list("error_kind", flat=True).first()
    if kind == "TooLate" and pausing.hold_back(failed.delivery_id):
        return
    state = VariantState.MISSED if kind == "TooLate" else VariantState.FAILED
    found = Variant.objects.filter(delivery_id=failed.delivery_id)
    reason = failed.reason[:1000]
    if kind == "TooLate" and any(map(restoring.from_before, found.values_list("leave_at", flat=True))):
        reason = _("Its time was before the restore, and it is not found on the network: plan it again.")
    changed = found.update(state=state, reason=reason)
    if changed:
        notify(WAKE)


@events.decided.subscribe
def follow_decision(decided: events.DeliveryDecided) -> None:
    """A person decided on the page of all that was not sent: the post knows it too."""
    state = VariantState.QUEUED if decided.what == "retry" else VariantState.CANCELLED
    Variant.objects.filter(delivery_id=decided.delivery_id, state=VariantState.FAILED).update(state=state, reason="")
