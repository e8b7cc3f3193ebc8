"""Open data: what was asked for as a download, the nightly snapshots, and what each field means."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from openline.exports import snapshot
from openline.exports.reading import read, records
from openline.exports.schema import FIELDS, VERSION, table_schema
from openline.exports.writing import FORMATS

MOST = 50_000
"""So many requests are given at once; who wants all takes the snapshot."""
_KINDS = {"parquet": "application/vnd.apache.parquet", "json": "application/json"}


@require_GET
def download(request: HttpRequest, ending: str) -> HttpResponseBase:
    """The requests of some days, a service or an area; streamed, oldest first, at most `MOST`."""
    if ending not in FORMATS:
        raise Http404
    try:
        wanted = read({name: request.GET.get(name, "") for name in ("start", "end", "service", "area")})
    except ValueError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    kind, write = FORMATS[ending]
    answer = StreamingHttpResponse(write(records(wanted, MOST)), content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="requests.{ending}"'
    return answer


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What there is, and what each field means."""
    context: dict[str, Any] = {
        "fields": FIELDS,
        "version": VERSION,
        "latest": snapshot.files("latest"),
        "dates": snapshot.dates(),
        "most": MOST,
    }
    return render(request, "portal/open_data.html", context)


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The data dictionary for programs: a JSON Table Schema."""
    return JsonResponse(table_schema())


@require_GET
def file(request: HttpRequest, day: str, name: str) -> FileResponse:
    """One file of a snapshot."""
    if name not in {known for known, _size in snapshot.files(day)}:
        raise Http404
    kind = (_KINDS | {ending: known for ending, (known, _write) in FORMATS.items()})[name.rpartition(".")[2]]
    path = (snapshot.folder() / day / name).resolve()
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
