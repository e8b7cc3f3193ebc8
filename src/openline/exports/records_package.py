"""What was found on the record as one ZIP file to hand out: a table, all facts, and how to prove it was not changed."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.exports import records
from openline.exports.records import WORDS, Asked
from openline.exports.writing import cell, moment
from openline.records import log
from openline.records.models import Kind, Record
from openline.service_requests.errors import NotPossible
from openline.service_requests.jurisdiction import public_numbers
from openline.triage.personal_data import find as find_personal
from openline.triage.personal_data import redact
from openline.triage.text import readable

MOST = 200_000
"""So many records are put into one package."""
COLUMNS = ("id", "at", "kind", "what", "by", "account", "private", "words", "conversation", "message", "request")
_IN_MEMORY = 10_000_000
_BOM = b"\xef\xbb\xbf"
"""So that spreadsheets read the table as UTF-8."""
ABOUT = """{city}: records, found {made} by {by}

Asked for: {asked}
Records: {count}, oldest first. Personal data in words: {masked}.

records.csv    one record a line: what happened when, by whom, in what words
records.jsonl  the same with all facts. "chain" is the SHA-256 (hex) of the chain before it, a newline and this line
               without its "chain"; the first one follows an empty text. Whoever changes, adds or leaves out a line
               breaks the chain from there on.
manifest.json  the SHA-256 of both files and the end of the chain. The same stands on the record of the city.
"""


def make(asked: Asked, *, masked: bool, by: User, city: str) -> IO[bytes]:
    """The package, at its beginning; that it was made stays on the record. Raises NotPossible if it is too large.

    With `masked`, personal data in what people wrote is replaced by a mark.
    """
    if records.find(asked).order_by()[: MOST + 1].count() > MOST:
        raise NotPossible(_("These are more than %(most)d records. Ask for a shorter time.") % {"most": MOST})
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - who sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        manifest = _fill(package, asked, masked)
        facts = {"asked": asked.plain(), "masked": masked, "by": by.get_username(), "made": moment(timezone.now())}
        package.writestr("manifest.json", orjson.dumps(manifest | facts, default=str, option=orjson.OPT_INDENT_2))
        package.writestr("about.txt", _about(city, facts, manifest["records"]))
    log.write([log.Entry(Kind.ADMINISTERED, by.get_username(), body={"what": "records exported"} | facts | manifest)])
    file.seek(0)
    return file


def _about(city: str, facts: dict[str, Any], count: int) -> str:
    asked = orjson.dumps(facts["asked"], default=str).decode()
    masked = "masked" if facts["masked"] else "as written"
    return ABOUT.format(city=city, made=facts["made"], by=facts["by"], asked=asked, count=count, masked=masked)


def _fill(package: zipfile.ZipFile, asked: Asked, masked: bool) -> dict[str, Any]:
    """Write both files; the number of records, their checksums and the end of the chain."""
    count, chain = 0, ""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as table, tempfile.SpooledTemporaryFile(_IN_MEMORY) as lines:
        table.write(_BOM + _csv(list(COLUMNS)))
        for count, row in enumerate(_rows(asked, masked), 1):  # noqa: B007 - the last one is the number of all
            chain = hashlib.sha256(chain.encode() + b"\n" + orjson.dumps(row)).hexdigest()
            lines.write(orjson.dumps(row | {"chain": chain}) + b"\n")
            table.write(_csv([row[name] for name in COLUMNS]))
        sums = {name: _put(package, name, file) for name, file in (("records.csv", table), ("records.jsonl", lines))}
    return {"records": count, "chain": chain} | sums


def _put(package: zipfile.ZipFile, name: str, file: IO[bytes]) -> str:
    """Put a file into the package; returns its checksum."""
    digest = hashlib.sha256()
    file.seek(0)
    with package.open(name, "w", force_zip64=True) as target:
        while data := file.read(1 << 20):
            target.write(data)
            digest.update(data)
    return digest.hexdigest()


def _csv(cells: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([cell(value) for value in cells])
    return text.getvalue().encode()


def _rows(asked: Asked, masked: bool) -> Iterator[dict[str, Any]]:
    names: dict[UUID | None, str] = {account.pk: str(account) for account in Account.objects.all()}
    numbers = public_numbers()
    for record in records.find(asked).order_by("id").iterator(chunk_size=1000):
        yield _row(record, names.get(record.account_id, ""), numbers if masked else None)


def _row(record: Record, account: str, numbers: tuple[str, ...] | None) -> dict[str, Any]:
    body = record.body if numbers is None else _masked(record.body, numbers)
    shown = Record(body=body)
    return {
        "id": record.pk,
        "at": moment(record.at),
        "kind": record.kind,
        "what": str(body.get("what", "")),
        "by": record.actor,
        "account": account,
        "private": record.private,  # type: ignore[attr-defined]
        "words": records.words_of(shown),
        "conversation": record.conversation_id,
        "message": record.message_id,
        "request": record.request_id,
        "facts": body,
    }


def _masked(value: Any, numbers: tuple[str, ...], name: str = "") -> Any:
    """`value` without personal data in what people wrote; ids and addresses of posts stay."""
    if isinstance(value, dict):
        return {key: _masked(part, numbers, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, numbers, name) for part in value]
    if isinstance(value, str) and name in WORDS:
        text = readable(value)
        return redact(text, find_personal(text, numbers))
    return value


def file_name() -> str:
    """What the package is called when it is saved."""
    return f"records-{timezone.now():%Y%m%d-%H%M%S}-{settings.PUBLIC_URL.partition('://')[2].split(':')[0]}.zip"
