"""No sequence of actions reaches a state that the machine does not allow, or loses an entry of the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from openline.records.models import Record
from openline.service_requests import actions, bulk, joining, splitting
from openline.service_requests.actions import NotPossible
from openline.service_requests.jurisdiction import today
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_requests
from openline.service_requests.splitting import Part
from openline.service_requests.states import FINISHED_STATES, REASONS, TRANSITIONS, Outcome, Status
from tests.conftest import FEWER

ALL_REASONS = sorted({reason for pairs in REASONS.values() for reason, _label in pairs} | {"", "moon"})


class Life(RuleBasedStateMachine):
    """Staff, residents and rules do whatever comes to their minds with three requests."""

    user: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.own = transaction.atomic()
        self.own.__enter__()

    def teardown(self) -> None:
        """Undo it all: the next life has no requests beside its own, which it would look through after each step."""
        transaction.set_rollback(True)
        self.own.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        service = Service.objects.select_related("department").get(name="Street Defect")
        self.ids = [item.id for item in open_requests([NewRequest(service, "x", "x", "test") for _ in range(3)])]
        self.written = dict.fromkeys(self.ids, 1)
        self.undoable: list[Any] = []

    def attempt(self, index: int, act: Any) -> Any:
        """Count what was really written; a refusal must leave no trace."""
        pk = self.ids[index % len(self.ids)]
        before = ServiceRequest.objects.values().get(pk=pk), Record.objects.count()
        try:
            done = act(pk)
        except NotPossible:
            assert before == (ServiceRequest.objects.values().get(pk=pk), Record.objects.count())
            return None
        return done

    @rule(
        index=st.integers(0, 5), to=st.sampled_from([*Status.values, "moon"]), by_person=st.booleans(),
        outcome=st.sampled_from(["", "moon", *Outcome.values]), reason=st.sampled_from(ALL_REASONS),
        days=st.sampled_from([None, -1, 0, 3]), text=st.sampled_from(["", "Done."]),
    )  # fmt: skip
    def move(
        self, index: int, to: str, by_person: bool, outcome: str, reason: str, days: int | None, text: str
    ) -> None:
        day = None if days is None else today() + timedelta(days=days)
        self.attempt(index, lambda pk: actions.move(
            pk, to, by=self.user if by_person else None, outcome=outcome, reason=reason, scheduled_for=day,
            public_text=text))  # fmt: skip

    @rule(index=st.integers(0, 5), other=st.integers(0, 5))
    def join(self, index: int, other: int) -> None:
        self.attempt(index, lambda pk: joining.join(pk, self.ids[other % len(self.ids)], by=self.user))

    @rule(index=st.integers(0, 5))
    def separate(self, index: int) -> None:
        self.attempt(index, lambda pk: joining.separate(pk, by=self.user))

    @rule(index=st.integers(0, 5))
    def split(self, index: int) -> None:
        service = Service.objects.get(name="Street Trees")
        made = self.attempt(index, lambda pk: splitting.split(pk, [Part(service, "roots")], by=self.user))
        if made and len(self.ids) < 6:
            self.ids += [part.pk for part in made]

    @rule(to=st.sampled_from(["closed", "in_progress", "rejected"]))
    def many(self, to: str) -> None:
        asked = {"to": to, "outcome": "done" if to == "closed" else "", "reason": "spam" if to == "rejected" else ""}
        try:
            self.undoable.append(bulk.change(self.ids, "move", asked, by=self.user).pk)
        except NotPossible:
            pass

    @rule()
    def take_back(self) -> None:
        if self.undoable:
            bulk.undo(self.undoable.pop(), by=self.user)

    @invariant()
    def every_request_is_in_order(self) -> None:
        for request in ServiceRequest.objects.all():
            assert request.status in TRANSITIONS
            assert (request.closed_at is not None) == (request.status in FINISHED_STATES)
            assert (request.duplicate_of_id is not None) == (request.status == Status.DUPLICATE)
            assert not request.outcome or request.status in (Status.CLOSED, Status.RESOLVED, Status.DUPLICATE)
            assert request.department_id

    @invariant()
    def the_history_is_whole(self) -> None:
        for request in ServiceRequest.objects.all():
            entries = list(request.updates.order_by("at", "id"))
            moves = [(entry.from_status, entry.to_status) for entry in entries if entry.to_status]
            assert moves[0] == ("", "received") and moves[-1][1] == request.status
            assert all(one[1] == following[0] for one, following in zip(moves, moves[1:], strict=False))
            assert len(entries) == request.version  # one entry a change: none is lost, none is doubled


@pytest.fixture
def anybody(django_user_model: Any) -> Iterator[None]:
    Life.user = django_user_model.objects.create_user("ana")
    yield
    Life.user = None


@pytest.mark.usefixtures("philadelphia", "anybody")
def test_no_sequence_of_actions_breaks_a_request() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=6 if FEWER else 25, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
