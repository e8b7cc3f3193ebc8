"""The main job once, without a browser, through the real servers: `openline demo --once`.

Runs on a database and servers of its own, which are gone afterwards. Every step says what it saw;
the whole is a success only if every step happened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
from django.conf import settings
from django.contrib.auth.models import User

from openline.accounts.models import Account
from openline.care import actions, places
from openline.care.models import Report
from openline.inbox.models import Attention, Conversation, Message, Status
from openline.knowledge.proposals import propose
from openline.operations.processes import Processes, wait_for
from openline.sandbox import people
from openline.sandbox.cast import Person, resident
from openline.sandbox.servers import SandboxServers, free_port
from openline.sandbox.setup import connect_accounts
from openline.service_requests import actions as request_actions
from openline.service_requests.models import Service, ServiceRequest
from openline.worker.main import work

_PATIENCE_SECONDS = 25.0
Tell = Callable[[str, str, bool, dict[str, Any]], None]


class Missed(Exception):
    """A step did not happen."""


class Story:
    """One run: posts as residents, acts as staff, and tells each step as it is seen."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.happened = True
        self.agent = User.objects.get_or_create(username="agent")[0]
        self.accounts = {a.network: a for a in Account.objects.order_by("-created_at")}

    def run(self) -> bool:
        """All conversations, on both networks where it matters. True if every step happened."""
        chapters: list[Callable[[], None]] = [
            lambda: self.request("mastodon"),
            lambda: self.request("nostr"),
            self.place_asked,
            self.question,
            self.emergency,
            self.chatter,
            self.staff,
            self.private,
        ]
        for chapter in chapters:
            try:
                chapter()
            except Missed:
                self.happened = False
            except Exception as error:
                self._tell("fault", type(error).__name__, False, {"error": str(error)[:300]})
                self.happened = False
        return self.happened

    # --- seeing ---

    def step(self, conversation: str, name: str, seen: Any, **facts: Any) -> Any:
        """Tell a step; raises Missed if it was not seen."""
        self._tell(conversation, name, bool(seen), facts)
        if not seen:
            raise Missed
        return seen

    def until(self, look: Callable[[], Any]) -> Any:
        """What `look` finds, tried until it finds something or patience ends."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(0.1)
        return None

    def post(self, name: str, network: str, who: str, text: str, **more: Any) -> tuple[str, Person]:
        """Post as a resident on the network itself."""
        person = resident(who)
        network_id = people.post(self.accounts[network], person, text, **more)
        self.step(name, "posted", network_id, network=network, text=text)
        return network_id, person

    def answer(self, name: str, network: str, network_id: str, person: Person, containing: str = "") -> people.Said:
        """The city's newest answer in the thread, read from the network as the resident sees it."""

        def look() -> people.Said | None:
            said = people.thread(self.accounts[network], network_id, person)
            answers = [s for s in said if s.by_city and containing in s.text and s.in_reply_to]
            return answers[-1] if answers else None

        found = self.until(look)
        self.step(name, "answered in the thread", found, text=found.text if found else "")
        return found

    def kept(self, name: str, network_id: str) -> Message:
        """The message as Openline keeps it, once it is assessed."""
        found: Message | None = self.until(
            lambda: (
                Message.objects.filter(network_id=network_id, assessment__isnull=False)
                .select_related("conversation", "assessment")
                .first()
            )
        )
        self.step(name, "kept and assessed", found, **(_assessed(found) if found else {}))
        assert found
        return found

    def request_of(self, name: str, conversation: Conversation) -> ServiceRequest:
        """The request that the conversation opened."""
        report: Report | None = self.until(
            lambda: (
                Report.objects.filter(conversation=conversation)
                .select_related("request__service", "request__department")
                .first()
            )
        )
        request = report.request if report else None
        self.step(name, "request opened", request, **(_request(request) if request else {}))
        assert request
        return request

    # --- the conversations ---

    def request(self, network: str) -> None:
        """Point 2, and 8 for its request."""
        name = f"request on {network}"
        network_id, person = self.post(
            name,
            network,
            "maria" if network == "mastodon" else "devon",
            "huge pothole at 13th & Market, bent my rim. call me 215-555-0143",
        )
        began = time.monotonic()
        message = self.kept(name, network_id)
        request = self.request_of(name, message.conversation)
        right = request.service.name == "Street Defect" and "13th" in request.place_name and request.due_at
        self.step(name, "service, place, department and due date", right and request.department.name)
        said = self.answer(name, network, network_id, person, request.number)
        self.step(
            name,
            "number and link in the answer",
            settings.PUBLIC_URL in said.text,
            seconds=round(time.monotonic() - began, 2),
        )
        self.public(name, request, person)

    def place_asked(self) -> None:
        """Point 3."""
        name = "place asked for"
        network_id, person = self.post(name, "mastodon", "linh", "street light is out again!")
        message = self.kept(name, network_id)
        question = self.answer(name, "mastodon", network_id, person)
        self.step(name, "no request yet", not Report.objects.filter(conversation=message.conversation).exists())
        self.post(name, "mastodon", "linh", "2300 block of Aspen St", in_reply_to=question.network_id)
        request = self.request_of(name, message.conversation)
        self.step(name, "completed with the place", "Aspen" in request.place_name, place=request.place_name)
        self.answer(name, "mastodon", network_id, person, request.number)

    def question(self) -> None:
        """Point 4."""
        name = "question"
        network_id, person = self.post(name, "mastodon", "sam", "what day is trash pickup in Fishtown this week?")
        message = self.kept(name, network_id)
        conversation = message.conversation
        self.step(
            name,
            "waits for staff, no request",
            conversation.attention == Attention.ANSWER and not conversation.reports.exists(),
        )
        proposals = propose(message.text, message.assessment.language)
        self.step(name, "article proposed", proposals, title=proposals[0].article.title if proposals else "")
        actions.answer(conversation, proposals[0].answer, by=self.agent, client_id=uuid4())
        self.answer(name, "mastodon", network_id, person)

    def emergency(self) -> None:
        """Point 5."""
        name = "emergency"
        network_id, person = self.post(name, "mastodon", "ray", "gas smell and hissing at 5th and Lombard")
        message = self.kept(name, network_id)
        self.answer(name, "mastodon", network_id, person, "911")
        top = Conversation.objects.filter(status=Status.OPEN).order_by("-attention", "-last_message_at").first()
        self.step(
            name,
            "stands on top, marked",
            top and top.pk == message.conversation_id and top.attention == Attention.EMERGENCY,
        )

    def chatter(self) -> None:
        """Point 6."""
        name = "chatter"
        for text in ("Go Birds!! what a game last night", "shout out to the crew that cleaned our block, thank you!"):
            network_id, _person = self.post(name, "mastodon", "tomek", text)
            message = self.kept(name, network_id)
            conversation = message.conversation
            said = conversation.messages.filter(direction="out").exists()
            self.step(
                name,
                "kept, nothing opened, reason shown",
                conversation.status == Status.DONE
                and not said
                and not conversation.reports.exists()
                and conversation.why,
                why=conversation.why,
            )

    def staff(self) -> None:
        """Point 7: corrections, closing with an outcome, and "still not fixed"."""
        name = "staff closes, resident reopens"
        network_id, person = self.post(name, "mastodon", "grace", "pothole at Broad and Snyder swallowed my hubcap")
        message = self.kept(name, network_id)
        request = self.request_of(name, message.conversation)
        self.answer(name, "mastodon", network_id, person, request.number)
        other = Service.objects.get(name="Street Paving")
        actions.correct_service(request, other, by=self.agent)
        actions.correct_place(request, places.resolve("1500 Snyder Ave"), by=self.agent)
        request.refresh_from_db()
        self.step(
            name,
            "service and place corrected",
            request.service_id == other.pk and "Snyder" in request.place_name,
            **_request(request),
        )
        request_actions.move(request.pk, "in_progress", by=self.agent)
        request_actions.move(request.pk, "closed", by=self.agent, outcome="done", public_text="The hole is filled.")
        closing = self.answer(name, "mastodon", network_id, person, "closed")
        self.post(name, "mastodon", "grace", "still not fixed!!", in_reply_to=closing.network_id)
        status = self.until(lambda: ServiceRequest.objects.filter(pk=request.pk, status="reopened").exists())
        self.step(name, "reopened", status)
        self.answer(name, "mastodon", network_id, person, "again")

    def private(self) -> None:
        """A private message stays private: answered privately, its words on no public page."""
        name = "private message"
        network_id, _person = self.post(
            name, "nostr", "aisha", "The street light is out at 22nd and Diamond, secret-word", private=True
        )
        message = self.kept(name, network_id)
        request = self.request_of(name, message.conversation)
        pages = self.pages(request)
        self.step(name, "nothing of it in public", all("secret-word" not in page for page in pages))

    # --- the public side ---

    def public(self, name: str, request: ServiceRequest, person: Person) -> None:
        """Point 8."""
        pages = self.pages(request)
        self.step(name, "on the public page and in Open311", all(request.number in page for page in pages))
        secrets = ("215-555-0143", person.name, f"@{person.username}", person.public_key)
        leaked = [word for word in secrets for page in pages if word in page]
        self.step(name, "without personal data", not leaked, leaked=leaked)

    def pages(self, request: ServiceRequest) -> list[str]:
        """The public page, the list and the Open311 answers that show the request."""
        paths = (
            f"/requests/{request.number}/",
            "/open311/v2/requests.json",
            "/open311/v2/requests.xml",
            f"/open311/v2/requests/{request.number}.json",
        )
        return [httpx.get(settings.PUBLIC_URL + path).raise_for_status().text for path in paths]


def _assessed(message: Message) -> dict[str, Any]:
    found = message.assessment
    return {
        "intent": found.intent,
        "urgency": found.urgency,
        "decision": found.decision,
        "reason": found.decision_reason,
        "service": found.services[0]["name"] if found.services else "",
        "place": found.place["name"] if found.place else "",
    }


def _request(request: ServiceRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "service": request.service.name,
        "place": request.place_name,
        "department": request.department.name,
        "due": request.due_at.isoformat() if request.due_at else "",
    }


@contextmanager
def stage() -> Iterator[None]:
    """Sandbox servers, a worker and a web server, all for this run."""
    stopping = threading.Event()
    with (
        SandboxServers(settings.VAR / "sandbox", free_port(), free_port(), in_memory=True) as servers,
        Processes({}) as processes,
    ):
        connect_accounts(servers)
        processes.start("web", "serve")
        worker = threading.Thread(target=work, kwargs={"stopping": stopping})
        worker.start()
        try:
            if not wait_for(settings.PUBLIC_URL + "/healthz", 30):
                raise Missed
            yield
        finally:
            stopping.set()
            worker.join()
