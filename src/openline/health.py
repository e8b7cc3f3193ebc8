"""`/healthz`: is the service able to do its work? For load balancers and monitors; no details for strangers."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from openline import __version__


def healthz(request: HttpRequest) -> JsonResponse:
    """200 with `{"status": "ok"}` if the database answers and is migrated, otherwise 503 with what is wrong."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM service_requests_jurisdiction")
    except DatabaseError:
        return JsonResponse({"status": "error", "database": "does not answer or is not migrated"}, status=503)
    return JsonResponse({"status": "ok", "version": __version__})
