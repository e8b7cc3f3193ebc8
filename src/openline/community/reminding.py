"""Reminding liaisons before their last day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from openline.community import liaisons, living, telling
from openline.community.models import Liaison
from openline.service_requests.jurisdiction import today

BEFORE = timedelta(days=14)


def remind() -> int:
    """Tell each liaison once that their appointment ends within two weeks; how many were told."""
    day = today()
    due = liaisons.in_force(day).filter(until__lte=day + BEFORE, reminded_at=None)
    return sum(_remind(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _remind(pk: UUID) -> bool:
    found = Liaison.objects.select_for_update(of=("self",), skip_locked=True).select_related("member")
    liaison = found.filter(pk=pk, reminded_at=None).first()
    if liaison is None:
        return False
    liaison.reminded_at = timezone.now()
    liaison.save(update_fields=["reminded_at"])
    key = f"liaison:{liaison.pk.hex}:{liaison.until}"
    return bool(telling.tell([liaison.member], key, lambda: _words(liaison)))


def _words(liaison: Liaison) -> tuple[str, list[str]]:
    assert liaison.until
    area = living.name_of(liaison.area) or liaison.area
    facts = {"area": area, "day": formats.date_format(liaison.until), "link": telling.address("/liaison/")}
    return _("You are a liaison until %(day)s") % facts, [
        _("Your appointment for %(area)s ends on %(day)s. Until then your room is open: %(link)s") % facts,
        _("If you want to go on, answer this mail. Thank you for what you do for your neighbors."),
    ]
