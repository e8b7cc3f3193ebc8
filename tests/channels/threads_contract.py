"""Threads' own Postman collection (fbsamples/threads_api) turned into checks of each request and of each answer.

It names, for each call, the parameters (those that are switched off included), the fields that may be asked for and an
answer. What only the reference pages say is in `_BEYOND`, each with its page.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.channels.recording import Exchange
from tests.conftest import shared_folder

FILE = "contracts/threads/threads-api.postman_collection.json"
_VERSION = re.compile(r"^/v1\.0(?=/)")
_ERROR = {"message", "type", "code", "error_subcode", "error_user_title", "fbtrace_id"}
_PAGING = {"limit", "before", "after"}
"""Every answer with `paging.cursors` can be asked for further (docs/threads/reference/media-retrieval)."""
_BEYOND = {
    ("GET", "/{id}"): {"status", "error_message", "hide_status"},
    ("GET", "/me/mentions"): {"is_reply", "replied_to", "root_post"},
}
"""docs/threads/reference/media-retrieval; for mentions also docs/threads/webhooks."""


class Contract:
    """What the collection allows."""

    def __init__(self, shared: Path) -> None:
        collection = json.loads((shared / FILE).read_text())
        self._variables = {one["key"]: one["value"] for one in collection["variable"]}
        self.keys: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.fields: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.answers: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for item in _items(collection["item"]):
            self._learn(item)

    def check(self, exchange: Exchange) -> None:
        """Raises AssertionError for what is not as the collection has it."""
        if exchange.path.startswith(("/files/", "/sandbox/", "/oauth/authorize", "/oauth/allow")):
            return
        name = self._name(exchange)
        assert name in self.keys, f"there is no such call: {name}"
        values = exchange.values
        self._check_request(name, exchange, values)
        answer = json.loads(exchange.answer)
        if exchange.status >= 400:
            assert set(answer) == {"error"} and set(answer["error"]) <= _ERROR, answer
        else:
            asked = _top(values.get("fields", ""))
            self._check_answer(name, asked, answer)

    def _check_request(self, name: tuple[str, str], exchange: Exchange, values: dict[str, str]) -> None:
        known = self.keys[name] | (_PAGING if self._pages(name) else set())
        assert set(values) <= known, f"unknown: {sorted(set(values) - known)}"
        assert "access_token" not in values, "the token stands in the address or the form"
        if not exchange.path.startswith("/oauth/"):
            assert exchange.headers.get("authorization", "").startswith("Bearer "), "no token"
        asked = _top(values.get("fields", ""))
        assert asked <= self.fields[name], f"unknown fields: {sorted(asked - self.fields[name])}"

    def _check_answer(self, name: tuple[str, str], asked: set[str], answer: Any) -> None:
        samples = self.answers[name]
        if not samples:
            return
        known = set().union(*(_keys(sample) for sample in samples))
        assert set(answer) <= known | asked | {"id", "paging"}, f"unknown: {sorted(set(answer) - known)}"
        for row in answer.get("data", []):
            rows = set().union(*(_keys(one) for sample in samples for one in sample.get("data", [])))
            assert set(row) <= rows | asked | {"id"}, f"unknown: {sorted(set(row) - rows - asked)}"
        for sample in samples:
            _same_kinds(answer, sample)

    def _pages(self, name: tuple[str, str]) -> bool:
        return any("paging" in sample for sample in self.answers[name]) or name == ("GET", "/me/threads")

    def _name(self, exchange: Exchange) -> tuple[str, str]:
        path = _VERSION.sub("", exchange.path)
        path = re.sub(r"^/\d+(?=/|$)", "/{id}", path).rstrip("/")
        kind = exchange.values.get("media_type", "")
        if (exchange.method, path) == ("POST", "/me/threads"):
            path += f" {kind}{' item' if exchange.values.get('is_carousel_item') else ''}"
        return exchange.method, path

    def _learn(self, item: dict[str, Any]) -> None:
        request, url = item["request"], item["request"]["url"]
        path = "/" + "/".join(one for one in url["path"] if one)
        path = re.sub(r"\{\{\w+\}\}", "{id}", path)
        query = {one["key"]: self._filled(one.get("value") or "") for one in url.get("query") or []}
        if (request["method"], path) == ("POST", "/me/threads"):
            path += f" {query['media_type']}{' item' if 'is_carousel_item' in query else ''}"
        name = request["method"], path
        self.keys[name] |= set(query)
        self.fields[name] |= _top(query.get("fields", "")) | _BEYOND.get(name, set())
        self.answers[name] += [found for one in item.get("response", []) if (found := _json(one.get("body")))]

    def _filled(self, value: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda found: str(self._variables.get(found[1], "")), value)


def found() -> Contract | None:
    """The contract, where the folder with open data and contracts is here."""
    folder = shared_folder()
    return Contract(folder) if folder and (folder / FILE).is_file() else None


def _items(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if "item" in item:
            yield from _items(item["item"])
        else:
            yield item


def _json(body: str | None) -> Any:
    """A sample answer; those with blanks in them are filled so that they can be read."""
    text = re.sub(r"(?<!\")<string>", '"string"', body or "").replace("...", "")
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _top(fields: str) -> set[str]:
    """The names of fields, without what stands in braces."""
    return {one.strip() for one in re.sub(r"\{[^{}]*\}", "", fields).split(",") if one.strip()}


def _keys(value: Any) -> set[str]:
    return set(value) if isinstance(value, dict) else set()


def _same_kinds(answer: Any, sample: Any) -> None:
    """What both have is of the same kind. Sample ids are the word "string", their numbers stand for themselves."""
    if isinstance(answer, dict) and isinstance(sample, dict):
        for name in answer.keys() & sample.keys() - {"user_id"}:
            _same_kinds(answer[name], sample[name])
    elif isinstance(answer, list) and isinstance(sample, list) and sample:
        for one in answer:
            _same_kinds(one, sample[0])
    else:
        assert type(answer) is type(sample), f"{answer!r} is not of the kind of {sample!r}"
