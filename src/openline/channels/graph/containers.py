"""Posting in two steps, as Instagram and Threads have it: a container that nobody sees, then its publication.

A container can be published once, so it is what makes a try recognisable: what became of a publication whose answer was
lost is read from it. The network fetches the media itself and takes its time; waiting for that only reads. Containers
that were not published run out after 24 hours, and are then made anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from django.utils.translation import gettext as _

from openline.channels import reading
from openline.channels.base import NetworkDown, Progress, RateLimited, Rejected, Unclear
from openline.channels.graph.client import Graph
from openline.channels.graph.errors import NotThere

WAIT_SECONDS = 60.0
"""How long one try waits for the network to prepare media; then the message is tried again later."""
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_COME_BACK = timedelta(seconds=60)
PUBLISHED, FINISHED, IN_PROGRESS, ERROR, EXPIRED = "PUBLISHED", "FINISHED", "IN_PROGRESS", "ERROR", "EXPIRED"
_SPENT = (ERROR, EXPIRED)


class NotReady(Rejected):
    """The container cannot be published yet, although it may be said to be finished."""


Look = Callable[[], str]
"""Looks among our newest posts for what a container became; its id, or ""."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a network makes containers and publishes them, and the fields that tell of one."""

    make: str
    publish: str
    state: str
    why: str


class Containers:
    """The containers of one message. `progress` keeps which were made."""

    def __init__(self, graph: Graph, progress: Progress, paths: Paths) -> None:
        self._graph, self._progress, self._paths = graph, progress, paths

    def usable(self, name: str, values: Callable[[], Mapping[str, Any]]) -> str:
        """The container kept as `name`; a new one of `values` where there is none, or the last is of no use."""
        last, attempt = self._last(name)
        if last and self.state(last)[0] not in _SPENT:
            return last
        made = self._progress.step(f"{name}.{attempt}", partial(self._make, values))
        return str(made["id"])

    def known(self, name: str) -> str:
        """The last container that was kept as `name`; "" if there is none."""
        return self._last(name)[0]

    def state(self, container: str) -> tuple[str, str]:
        """What the network says of a container, and why. One that it does not know any more has run out."""
        try:
            said = self._graph.get(container, fields=f"id,{self._paths.state},{self._paths.why}")
        except NotThere:
            return EXPIRED, ""
        return reading.text(said, self._paths.state), reading.text(said, self._paths.why)

    def ready(self, container: str) -> str:
        """Wait until the container can be published; its state (FINISHED or PUBLISHED). Only reads.

        Raises Rejected with the network's reason if it cannot, RateLimited if that takes longer.
        """
        until, pause = time.monotonic() + WAIT_SECONDS, _FIRST_PAUSE_SECONDS
        while True:
            state, why = self.state(container)
            if state in (FINISHED, PUBLISHED):
                return state
            if state == EXPIRED:
                raise NetworkDown(_("What was prepared ran out before it was published. It is made anew."))
            if state == ERROR:
                raise Rejected(_("The network cannot use what it was given: %s") % (why or state), "media")
            if time.monotonic() + pause > until:
                raise RateLimited(datetime.now(UTC) + _COME_BACK, _("The network is still preparing the files."))
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def publish(self, container: str, look: Look) -> str:
        """Publish it once; the id of the post. Raises Unclear if it is not known whether it stands there."""
        if self.ready(container) == PUBLISHED:
            return self._found(look)
        try:
            said = self._graph.post(self._paths.publish, {"creation_id": container})
        except Rejected as error:
            # A refusal is no proof: it may be because this was published before.
            if self.state(container)[0] == PUBLISHED:
                return self._found(look)
            if isinstance(error, NotReady):
                raise RateLimited(datetime.now(UTC) + _COME_BACK, error.reason) from error
            raise
        if not reading.text(said, "id"):
            raise Unclear(_("The network published it, and names no id."))
        return reading.text(said, "id")

    def sent(self, name: str, look: Look) -> str:
        """The id of the post that the container `name` became in an earlier try; "" if it was not published.

        Raises Unclear where the network says that it was, and does not show it.
        """
        if not (container := self.known(name)):
            return ""  # without a container nothing can be published
        state = self.state(container)[0]
        if state in _SPENT:
            return ""
        return self._found(look) if state == PUBLISHED else look()

    def _found(self, look: Look) -> str:
        if found := look():
            return found
        raise Unclear(_("The network says that it was published, and does not show it yet."))

    def _last(self, name: str) -> tuple[str, int]:
        """The last container of that name, and how many there were."""
        last = ""
        for attempt in count():
            kept = self._progress.done(f"{name}.{attempt}")
            if kept is None:
                return last, attempt
            last = str(kept["id"])
        raise AssertionError("unreachable")

    def _make(self, values: Callable[[], Mapping[str, Any]]) -> dict[str, str]:
        """Nobody sees a container, so one whose answer was lost may be made again."""
        asked = values()
        said = harmless(lambda: self._graph.post(self._paths.make, asked))
        if not reading.text(said, "id"):
            raise NetworkDown(_("The network prepared it, and names no id."))
        return {"id": reading.text(said, "id")}


def harmless(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A call that may be repeated without harm: what is unclear counts as not done."""
    try:
        return call()
    except Unclear as error:
        raise NetworkDown(error.reason) from error
