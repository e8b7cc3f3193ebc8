"""A client for Open311 GeoReport v2 servers as they are in the wild.

Specification: open311.github.io, GeoReport v2. `servicerequestupdates` is mySociety's extension of 2013, which
FixMyStreet and open311-adapter speak. The API key is sent in the body of a POST alone, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode, urljoin, urlsplit

from openline.foundation.fetching import Answer, FetchFailed, exchange
from openline.partners.open311 import reading
from openline.partners.open311.reading import Row, Unreadable

MOST_BYTES = 5_000_000
SECONDS = 20.0
_MOST_REDIRECTS = 3
_ACCEPT = {"json": "application/json", "xml": "text/xml"}


class Trouble(Exception):
    """What they answered, or that they did not, in words for a person.

    `status`: their HTTP status, 0 if none came. `unclear`: they may have taken what was sent. `wait`: seconds after
    which they want to be asked again, if they said so.
    """

    def __init__(self, words: str, *, status: int = 0, unclear: bool = False, wait: int = 0) -> None:
        super().__init__(words)
        self.status, self.unclear, self.wait = status, unclear, wait


@dataclass(frozen=True, slots=True)
class Receipt:
    """What they answered to a request: their id, or a token for it."""

    id: str
    token: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class TheirService:
    """One service of their list."""

    code: str
    name: str
    group: str
    metadata: bool


@dataclass(frozen=True, slots=True)
class TheirAttribute:
    """One question of one of their services."""

    code: str
    question: str
    datatype: str
    required: bool
    values: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TheirRequest:
    """One request as they show it."""

    id: str
    status: str
    notes: str
    description: str
    lat: float | None
    long: float | None
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class TheirUpdate:
    """One update of one of their requests."""

    id: str
    request_id: str
    status: str
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Server:
    """One Open311 server: the base address (to which `services.json` is added), and how it is spoken to."""

    address: str
    jurisdiction_id: str = ""
    api_key: str = ""
    form: str = "json"
    private_network: bool = False
    seconds: float = SECONDS

    def services(self) -> list[TheirService]:
        """Their services."""
        return [
            TheirService(
                code,
                reading.text(row, "service_name", limit=200),
                reading.text(row, "group", limit=200),
                reading.truth(row, "metadata"),
            )
            for row in self._get("services")
            if (code := reading.text(row, "service_code", limit=200))
        ]

    def definition(self, code: str) -> list[TheirAttribute]:
        """The questions of their service `code`; a server that knows none has none."""
        try:
            found = self._get(f"services/{quote(code, safe='')}")
        except Trouble as error:
            if error.status == 404:
                return []
            raise
        return list(_attributes(found))

    def send(self, fields: Mapping[str, str | Sequence[str]], mark: str) -> Receipt:
        """POST a request. `mark` makes it one request, however often it is sent, where they know such marks.

        Raises Trouble, `unclear` if they may have taken it.
        """
        values: dict[str, str | Sequence[str]] = dict(fields)
        values |= {"client_request_id": mark} | self._who() | ({"api_key": self.api_key} if self.api_key else {})
        body = urlencode(values, doseq=True).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Idempotency-Key": mark}
        answer = self._exchange("POST", self._address("requests"), headers, body)
        if answer.status >= 400 or 300 <= answer.status < 400:
            raise _refusal(answer, sent=True)
        try:
            [first, *_more] = reading.rows(answer.body)
        except (Unreadable, ValueError) as error:
            raise Trouble(f"They answered {answer.status}, but not with a number. {error}", unclear=True) from None
        receipt = Receipt(
            reading.text(first, "service_request_id", "id", limit=200),
            reading.text(first, "token", limit=200),
            reading.text(first, "service_notice"),
        )
        if not receipt.id and not receipt.token:
            raise Trouble("They answered without a number or a token.", unclear=True)
        return receipt

    def id_of(self, token: str) -> str:
        """The id of the request with the token; "" as long as there is none."""
        found = self._get(f"tokens/{quote(token, safe='')}")
        return reading.text(found[0], "service_request_id", limit=200) if found else ""

    def requests(self, ids: Sequence[str]) -> list[TheirRequest]:
        """Their requests `ids`, as far as they show them."""
        return [_request(row) for row in self._get("requests", service_request_id=",".join(ids))]

    def opened(self, code: str, start: datetime, end: datetime) -> list[TheirRequest]:
        """Their requests of the service `code` that came between `start` and `end`."""
        span = {"start_date": _written(start), "end_date": _written(end)}
        return [_request(row) for row in self._get("requests", service_code=code, **span)]

    def updates(self, start: datetime, end: datetime) -> list[TheirUpdate] | None:
        """Their updates between `start` and `end`; None if they do not offer updates."""
        try:
            found = self._get("servicerequestupdates", start_date=_written(start), end_date=_written(end))
        except Trouble as error:
            if error.status in (400, 404, 405, 501):
                return None
            raise
        return [_update(row) for row in found]

    def _who(self) -> dict[str, str]:
        return {"jurisdiction_id": self.jurisdiction_id} if self.jurisdiction_id else {}

    def _address(self, path: str) -> str:
        return f"{self.address.rstrip('/')}/{path}.{self.form}"

    def _get(self, path: str, **wanted: str) -> list[Row]:
        query = urlencode(wanted | self._who())
        address = self._address(path) + (f"?{query}" if query else "")
        for _hop in range(_MOST_REDIRECTS + 1):
            answer = self._exchange("GET", address, {}, None)
            if not 300 <= answer.status < 400:
                break
            address = self._further(address, answer)
        if answer.status != 200:
            raise _refusal(answer, sent=False)
        try:
            return reading.rows(answer.body)
        except Unreadable as error:
            raise Trouble(str(error), status=answer.status) from None

    def _further(self, address: str, answer: Answer) -> str:
        """Where a redirect leads, if it stays with the same server: whoever it is passed on to was not chosen by us."""
        further = urljoin(address, answer.headers.get("location", ""))
        if urlsplit(further)[:2] != urlsplit(address)[:2]:
            raise Trouble(
                f"The address leads elsewhere, to {urlsplit(further).netloc}. Put that in if it is right.",
                status=answer.status,
            )
        return further

    def _exchange(self, method: str, address: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        own = self.address if self.private_network else ""
        try:
            return exchange(
                method,
                address,
                most_bytes=MOST_BYTES,
                own=own,
                seconds=self.seconds,
                headers={"Accept": _ACCEPT[self.form], **headers},
                content=content,
            )
        except FetchFailed as error:
            raise Trouble(str(error), unclear=error.arrived) from None


def _written(moment: datetime) -> str:
    """A time as GeoReport v2 writes it, without parts of a second, which some servers cannot read."""
    return moment.isoformat(timespec="seconds")


def _refusal(answer: Answer, *, sent: bool) -> Trouble:
    """What a status means. A fault of theirs leaves open whether they took what was sent, unless they say "later"."""
    wait = answer.headers.get("retry-after", "")
    seconds = min(int(wait), 86_400) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0
    later = answer.status in (408, 425, 429) or (answer.status == 503 and bool(wait))
    unclear = sent and answer.status >= 500 and not later
    words = "; ".join(_errors(answer.body)) or "no reason was given"
    return Trouble(
        f"They answered {answer.status}: {words}.".replace("..", "."),
        status=answer.status,
        unclear=unclear,
        wait=seconds,
    )


def _errors(body: bytes) -> Iterator[str]:
    try:
        found = reading.rows(body)
    except Unreadable:
        return
    for row in found[:5]:
        if words := reading.text(row, "description", limit=300):
            yield words


def _attributes(found: Sequence[Row]) -> Iterator[TheirAttribute]:
    for definition in found:
        for row in reading.listed(definition, "attributes"):
            code = reading.text(row, "code", limit=200)
            if code and str(row.get("variable", "true")).strip().lower() != "false":
                values = [
                    (reading.text(value, "key", limit=200), reading.text(value, "name", limit=200))
                    for value in reading.listed(row, "values")
                ]
                yield TheirAttribute(
                    code,
                    reading.text(row, "description", limit=500),
                    reading.text(row, "datatype", limit=30),
                    reading.truth(row, "required"),
                    values,
                )


def _request(row: Row) -> TheirRequest:
    return TheirRequest(
        reading.text(row, "service_request_id", "id", limit=200),
        reading.text(row, "status", limit=100),
        reading.text(row, "status_notes"),
        reading.text(row, "description"),
        reading.number(row, "lat"),
        reading.number(row, "long"),
        reading.moment(row, "updated_datetime"),
    )


def _update(row: Row) -> TheirUpdate:
    detailed = row.get("extended_attributes")
    status = reading.text(detailed, "detailed_status", limit=100) if isinstance(detailed, dict) else ""
    return TheirUpdate(
        reading.text(row, "update_id", limit=200),
        reading.text(row, "service_request_id", limit=200),
        reading.text(row, "external_status_code", limit=100) or status or reading.text(row, "status", limit=100),
        reading.text(row, "description"),
        reading.moment(row, "updated_datetime"),
    )
