"""What `flickr.reflection` says, and whether a request of ours and an answer of the emulator keep to it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.channels.recording import Exchange

ENVELOPE = {"method", "format", "nojsoncallback"}
SEEN_IN_PRACTICE = {
    "comment": {"realname"},
    "photo": {"safety_level", "views", "media", "machine_tags", "location", "lastupdate"},
    "photosets": {"cancreate"},
    "items": {"page", "pages", "perpage", "total"},
    "photoset": {"page", "perpage", "pages", "total"},
    "tag": {"_content"},
}
"""What Flickr answers beyond its own samples, which are from 2006 on; `views` and the like also by `extras`."""
UPLOAD = set("title description tags is_public is_friend is_family safety_level content_type hidden async".split())
"""Transcribed by hand from flickr.com/services/api/upload.api.html (2026): uploads are outside reflection."""


class Reflection:
    """The methods of Flickr as it tells them itself."""

    def __init__(self, shared: Path) -> None:
        self._folder = shared / "contracts/flickr/getMethodInfo"

    @cache  # noqa: B019
    def method(self, name: str) -> dict[str, Any]:
        """One method; KeyError if there is none."""
        if not self.known(name):
            raise KeyError(name)
        found: dict[str, Any] = json.loads((self._folder / f"{name}.json").read_text())
        return found

    def known(self, name: str) -> bool:
        """Whether there is such a method."""
        return (self._folder / f"{name}.json").is_file()

    def arguments(self, name: str) -> tuple[set[str], set[str]]:
        """Those that must be given, and all."""
        told = self.method(name)["arguments"]["argument"]
        return {one["name"] for one in told if not int(one["optional"])}, {one["name"] for one in told}

    def errors(self, name: str) -> dict[int, str]:
        """Codes and words."""
        return {int(one["code"]): one["message"] for one in self.method(name)["errors"]["error"]}

    def perms(self, name: str) -> int:
        """0 none, 1 read, 2 write, 3 delete."""
        return int(self.method(name)["method"]["requiredperms"])

    def sample(self, name: str) -> ElementTree.Element | None:
        """The sample answer; None if there is none."""
        text = self.method(name)["method"].get("response", {}).get("_content", "").strip()
        if not text:
            return None
        found = ElementTree.fromstring(text)
        return found[0] if found.tag == "rsp" else found

    def check(self, exchange: Exchange) -> None:
        """Raises AssertionError saying what is wrong with it."""
        wrong = self.wrong(exchange)
        assert not wrong, wrong

    def wrong(self, exchange: Exchange) -> list[str]:
        """What is wrong with it."""
        if exchange.path == "/services/rest/":
            return [*self._request(exchange), *self._answer(exchange)]
        return _upload(exchange) if exchange.path == "/services/upload/" else []

    def _request(self, exchange: Exchange) -> list[str]:
        told = exchange.values
        name, names = told.get("method", ""), told.keys() - ENVELOPE
        try:
            required, known = self.arguments(name)
        except KeyError:
            return [f"no method {name}"]
        wrong = [f"{name}: unknown argument {one}" for one in sorted(names - known)]
        wrong += [f"{name}: {one} is missing" for one in sorted(required - names)]
        if not exchange.headers.get("authorization", "").startswith("OAuth "):
            wrong.append(f"{name}: not signed")
        if (exchange.method == "POST") != (self.perms(name) > 1 or name == "flickr.auth.oauth.checkToken"):
            wrong.append(f"{name}: by {exchange.method}")
        return wrong

    def _answer(self, exchange: Exchange) -> list[str]:
        name = exchange.values.get("method", "")
        if exchange.status == 401:
            return [] if exchange.answer.startswith(b"oauth_problem=") else [f"{name}: a 401 without its problem"]
        told = json.loads(exchange.answer)
        if not self.known(name):
            return []
        if told["stat"] == "fail":
            known = self.errors(name)
            return [] if told["code"] in known else [f"{name}: no error {told['code']}"]
        said, sample = {key: value for key, value in told.items() if key != "stat"}, self.sample(name)
        if sample is None:
            # The answer of some methods is told nowhere; their lists are like those of others.
            return [] if not said or name == "flickr.people.getPhotos" else [f"{name}: it answers nothing"]
        if set(said) != {sample.tag}:
            return [f"{name}: answers {set(said)}, not {sample.tag}"]
        return [f"{name}: {one}" for one in shape(said[sample.tag], sample)]


def shape(value: Any, sample: ElementTree.Element) -> list[str]:
    """What of `value` the sample does not know."""
    if not isinstance(value, dict):
        return [] if not len(sample) and not sample.attrib else [f"{sample.tag} is no object"]
    inside = {one.tag: one for one in sample}
    known = {*sample.attrib, *inside, *SEEN_IN_PRACTICE.get(sample.tag, ())}
    known |= {"_content"} if (sample.text or "").strip() else set()
    wrong = [f"{sample.tag} has no {one}" for one in sorted(value.keys() - known)]
    for name, one in inside.items():
        for item in value[name] if isinstance(value.get(name), list) else [value[name]] if name in value else []:
            wrong += shape(item, one)
    return wrong


def _upload(exchange: Exchange) -> list[str]:
    names = {name.decode() for name in re.findall(rb'form-data; name="([^"]+)"', exchange.body)}
    wrong = [f"upload: unknown field {one}" for one in sorted(names - UPLOAD - {"photo"})]
    wrong += [] if "photo" in names else ["upload: no photo"]
    wrong += [] if exchange.headers.get("authorization", "").startswith("OAuth ") else ["upload: not signed"]
    if exchange.status == 200 and not re.search(rb"<photoid>\d+</photoid>|<ticketid>|<err code=", exchange.answer):
        wrong.append("upload: neither photo, ticket nor error")
    return wrong
