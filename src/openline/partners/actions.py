"""What people do with forwardings: try again, take back, say that the partner has it, pass on by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import notify
from openline.foundation.changes import request_changed
from openline.foundation.text import clean
from openline.partners import handlers
from openline.partners.forwarding import record
from openline.partners.mail import links
from openline.partners.models import Connector, Forwarding, Kind, State
from openline.service_requests.errors import NotPossible
from openline.service_requests.models import ServiceRequest

_STILL = (State.QUEUED, State.FAILED, State.STUCK, State.SENT)


def _locked(forwarding_id: UUID) -> Forwarding:
    found = Forwarding.objects.select_for_update(of=("self",)).select_related("connector", "request")
    forwarding = found.filter(pk=forwarding_id).first()
    if forwarding is None:
        raise NotPossible(_("It is not there any more. Load the page again."))
    if forwarding.state == State.SENDING:
        raise NotPossible(_("It is being sent right now. Wait a moment, then load the page again."))
    return forwarding


@transaction.atomic
def retry(forwarding_id: UUID, *, by: User, sure: bool = False) -> None:
    """Send it now. Where the partner may have it already, only if the person is `sure` that they do not.

    Raises NotPossible.
    """
    found = _locked(forwarding_id)
    if found.their_id:
        raise NotPossible(_("They have it, with a number of theirs. Talk to them about it."))
    if (found.unclear_at or found.sent_at) and not sure:
        raise NotPossible(_("They may have it already. Ask them; if they do not, tick that you are sure."))
    if found.connector.kind == Kind.EMAIL:
        links.kill(found)
    found.state, found.error, found.next_try_at = State.QUEUED, "", timezone.now()
    found.attempts, found.looked, found.unclear_at, found.token = 0, 0, None, ""
    found.save()
    _done(found, "sent again", by)


@transaction.atomic
def cancel(forwarding_id: UUID, *, by: User) -> None:
    """Do not send it, or wait for them no more; a link by which they could answer is dead. Raises NotPossible."""
    found = _locked(forwarding_id)
    links.kill(found)
    found.state, found.next_try_at, found.error = State.CANCELLED, None, ""
    found.save()
    _done(found, "taken back", by)


@transaction.atomic
def they_have_it(forwarding_id: UUID, their_id: str, *, by: User) -> None:
    """A person has heard from them that they have it, perhaps with their number. Raises NotPossible."""
    found = _locked(forwarding_id)
    if found.state not in (*_STILL, State.ACKNOWLEDGED):
        raise NotPossible(_("It was taken back. Send it again first."))
    now = timezone.now()
    found.their_id = clean(their_id, 200) or found.their_id
    found.state, found.error, found.next_try_at, found.unclear_at = State.ACKNOWLEDGED, "", None, None
    found.sent_at, found.acknowledged_at = found.sent_at or now, found.acknowledged_at or now
    found.save()
    _done(found, "acknowledged", by, their_id=found.their_id)


@transaction.atomic
def pass_on(request: ServiceRequest, connector: Connector, *, by: User) -> None:
    """Pass a request to a partner though no rule says so. Raises NotPossible."""
    if request.closed_at is not None:
        raise NotPossible(_("The request is finished. Open it again first."))
    if not connector.enabled:
        raise NotPossible(_("%(name)s is switched off.") % {"name": connector.name})
    if not handlers.forward([(request.pk, connector.pk)], timezone.now()):
        raise NotPossible(_("%(name)s was given this request before: see there.") % {"name": connector.name})
    _done(Forwarding.objects.select_related("connector").get(request=request, connector=connector), "passed on", by)


@transaction.atomic
def retry_all(connector: Connector, *, by: User) -> int:
    """Try all again that failed for sure, after the cause was mended; returns how many."""
    failed = Forwarding.objects.filter(
        connector=connector, state__in=(State.FAILED, State.STUCK), unclear_at=None, sent_at=None
    )
    count = failed.update(state=State.QUEUED, next_try_at=timezone.now(), attempts=0, error="")
    if count:
        notify(handlers.WAKE)
    return count


def _done(found: Forwarding, what: str, by: User, **more: str) -> None:
    record(found, f"partner: {what}", by=by.get_username(), **more)
    request_changed(found.request_id)
    notify(handlers.WAKE)
