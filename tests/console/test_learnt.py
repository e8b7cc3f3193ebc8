"""The page of what was learnt: the model, its figures, corrections, training and going back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from openline.care import actions, learning, learnt, understanding
from openline.care.tasks import train_now
from openline.console.diagram import points
from openline.inbox.models import Conversation
from openline.records.models import Record
from openline.service_requests.models import Service
from openline.triage.models import ServiceModelFile, TrainingRow
from tests.care.test_learning import history
from tests.console import world

pytestmark = pytest.mark.django_db
Login = Callable[[str], Client]


@pytest.fixture
def codes(few_services: list[str]) -> list[str]:
    """Three services of the sample city."""
    return few_services[:3]


@pytest.fixture
def trained(codes: list[str]) -> Iterator[ServiceModelFile]:
    """A training that was better than the catalogue."""
    assert learning.learn(history(codes)).better
    yield ServiceModelFile.objects.order_by("-pk")[0]
    understanding.refresh()


def page(client: Client) -> str:
    return client.get(reverse("console:learnt")).content.decode()


def post(client: Client, name: str, **fields: Any) -> Any:
    return client.post(reverse(f"console:{name}"), {"client_id": str(uuid4()), **fields})


def test_figures_verdict_and_diagram_are_those_that_were_measured(login: Login, trained: ServiceModelFile) -> None:
    figures = trained.figures
    shown = page(login("supervisor"))
    assert "The challenger was better and was taken." in shown and "180 rows of the city" in shown
    new, old = figures["trained"]["top1"], figures["champion"]["top1"]
    assert f"{100 * new:.1f} %" in shown and f"{100 * old:.1f} %" in shown and f"+{100 * (new - old):.1f}" in shown
    assert shown.count("<circle") == len(figures["trained"]["bins"]) == len(points(figures["trained"]["bins"]))
    assert trained.report.splitlines()[0] in shown.replace("&#x27;", "'")


def test_a_point_stands_where_it_was_measured() -> None:
    bins = [{"rows": 100, "confidence": 0.25, "accuracy": 0.5}, {"rows": 1, "confidence": 1.0, "accuracy": 1.0}]
    assert [(point.x, point.y, point.radius) for point in points(bins)] == [
        ("50.0", "100.0", "12.0"), ("200.0", "0.0", "3.0")]  # fmt: skip


def corrected(by: User, read_as: Service, to: Service, times: int) -> Conversation:
    """So many reports that were read as one service and put right to another."""
    for _time in range(times):
        talk = world.conversation("Maria Santos", "the thing is broken")
        world.assess(talk, "request", "open", "x", services=((read_as.code, read_as.name, 0.6),))
        actions.correct_service(world.request_from(talk, read_as), to, by=by)
    return talk


def test_pairs_waiting_corrections_and_thin_services(login: Login, staff: dict[str, User], codes: list[str]) -> None:
    a, b, _c = Service.objects.filter(code__in=codes).order_by("code")
    talk = corrected(staff["agent"], a, b, 12)
    actions.correct_service(talk.reports.get().request, a, by=staff["agent"])  # back again: nothing was confused
    assert learnt.confused() == [learnt.Confused(a.name, b.name, 11)]
    assert (b.name, 11) not in learnt.few_examples() and (a.name, 1) in learnt.few_examples()
    shown = page(login("administrator"))
    assert f"Read as “{a.name}”, put right to “{b.name}”: 11 times" in shown
    assert "13 corrections wait for the next training" in shown
    assert reverse("console:conversation", args=[talk.pk]) in shown


def test_history_counts_whether_it_names_code_or_name(codes: list[str]) -> None:
    service = Service.objects.get(code=codes[0])
    TrainingRow.objects.bulk_create(
        TrainingRow(digest=str(n), text=f"x {n}", service=service.name.upper() if n % 2 else service.code)
        for n in range(learnt.FEW)
    )
    assert service.name not in dict(learnt.few_examples())


def test_train_now_is_queued_once_and_leaves_its_reason(login: Login, codes: list[str]) -> None:
    client = login("supervisor")
    assert post(client, "learn").status_code == 302
    again = post(client, "learn")
    assert again.status_code == 422 and "on the queue already" in again.content.decode()
    job = ProcrastinateJob.objects.get(task_name=train_now.name)
    assert job.args == {"by": "supervisor"} and "A training waits or runs" in page(client)
    assert train_now(**job.args) is False  # nothing to learn from yet
    assert "came to nothing" in page(client) and "rows can be used" in page(client)
    assert learning.last_training() == ServiceModelFile.objects.exclude(
        pk=ServiceModelFile.objects.order_by("-pk")[0].pk).order_by("-pk").values_list(
        "created_at", flat=True).first()  # fmt: skip
    learning.learn(history(codes), by="supervisor")
    assert "started by supervisor" in page(client)


def test_going_back_needs_a_tick_and_happens_once(login: Login, trained: ServiceModelFile, codes: list[str]) -> None:
    client, before = login("administrator"), ServiceModelFile.objects.filter(active=True).order_by("-pk")[1:2]
    earlier = before[0].pk
    assert post(client, "unlearn", model=trained.pk).status_code == 422
    assert learnt.in_use() and learnt.in_use().id == trained.pk
    assert post(client, "unlearn", model=trained.pk, sure="1").status_code == 302
    assert learnt.in_use().id == earlier and "put aside by a person" in page(client)
    assert post(client, "unlearn", model=trained.pk, sure="1").status_code == 422  # the page was old
    assert learnt.in_use().id == earlier
    assert Record.objects.filter(kind="administered", actor="administrator").count() == 1


def test_without_any_training_the_page_says_so(login: Login) -> None:
    ServiceModelFile.objects.all().delete()
    shown = page(login("supervisor"))
    assert "the catalogue" in shown and "None yet." in shown and "<circle" not in shown


@pytest.mark.parametrize("role", ["agent", "crew", "communications", "official"])
def test_others_have_no_part_in_it(login: Login, role: str) -> None:
    client = login(role)
    assert client.get(reverse("console:learnt")).status_code == 403
    assert post(client, "learn").status_code == post(client, "unlearn").status_code == 403
    assert "/console/learnt/" not in client.get(reverse("console:requests")).content.decode()


def test_a_page_of_old_trainings_without_figures_still_opens(login: Login) -> None:
    ServiceModelFile.objects.create(data=b"x", report="old <b>report</b>")
    assert "old &lt;b&gt;report" in page(login("supervisor"))
