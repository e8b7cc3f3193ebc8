"""Who reported a request that turned out to be the same as another follows the other, in their own thread."""

from __future__ import annotations

from django.utils import timezone

from openline.care.models import Report
from openline.service_requests.models import ServiceRequest


def follow(request: ServiceRequest, other: ServiceRequest) -> None:
    """Every conversation that reported `request` follows `other` from now on; nobody follows it twice."""
    now = timezone.now()
    rows = [
        Report(conversation_id=report.conversation_id, request=other, message_id=report.message_id, created_at=now)
        for report in Report.objects.filter(request=request)
    ]
    Report.objects.bulk_create(rows, ignore_conflicts=True)


def unfollow(request: ServiceRequest, other: ServiceRequest) -> None:
    """Undo `follow`: only those who came to `other` with the same message as to `request`."""
    messages = Report.objects.filter(request=request).values("message_id")
    Report.objects.filter(request=other, message_id__in=messages).delete()
