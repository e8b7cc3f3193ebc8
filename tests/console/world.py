"""The console's small world: a city account, named residents, conversations in every state, requests, staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from openline.accounts.models import Account
from openline.care.models import Report
from openline.console import permissions
from openline.inbox.models import Attention, Conversation, Heard, HeardState, Identity, Message, Resident, Status
from openline.knowledge.models import Article
from openline.language_model.models import Call, Suggestion
from openline.open311 import keys
from openline.open311.models import Submission
from openline.outbox.models import Delivery, State
from openline.publishing.models import Clicks, Measurement, Post, PostText, Published, ShortLink, Variant
from openline.service_requests import routing_versions
from openline.service_requests.models import Department, Service, ServiceAttribute, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from openline.triage.models import Assessment

PASSWORD = "a-long-demo-password"
_numbers = count(1)

PLACE: dict[str, Any] = {
    "kind": "intersection",
    "name": "S 13TH ST & MARKET ST",
    "lat": 39.952,
    "lon": -75.161,
    "precision_m": 20.0,
    "areas": ["Center City"],
}


def staff() -> dict[str, User]:
    """One user for each role, by role."""
    return {user.username: user for user in permissions.create_demo_users(PASSWORD)}


def account(handle: str = "@philly311", network: str = "mastodon", owner: str = "") -> Account:
    """The city's account; made once."""
    made, _new = Account.objects.get_or_create(
        network=network, handle=handle, server="https://social.example", defaults={"name": "Philly311", "owner": owner}
    )
    return made


def department(code: str = "streets", name: str = "Streets Department") -> Department:
    """A department; made once."""
    return Department.objects.get_or_create(code=code, defaults={"name": name})[0]


def service(code: str = "SR-ST01", name: str = "Street Defect", **more: Any) -> Service:
    """A service of the Streets Department; made once."""
    more = {"group": "Streets and sidewalks", "promise_days": 46, "department": department(), **more}
    return Service.objects.get_or_create(code=code, defaults={"name": name, **more})[0]


def conversation(
    name: str,
    text: str,
    *,
    minutes: int = 10,
    status: str = Status.OPEN,
    attention: int = Attention.NONE,
    why: str = "",
    visibility: str = "public",
    unread: bool = True,
    on: Account | None = None,
    language: str = "en",
) -> Conversation:
    """`name` wrote `text` to the city `minutes` ago."""
    at, number, on = timezone.now() - timedelta(minutes=minutes), next(_numbers), on or account()
    handle = "@" + name.split()[0].lower()
    identity, _new = Identity.objects.get_or_create(
        network=on.network,
        network_user_id=f"user-{handle}",
        defaults={"handle": handle, "name": name, "resident": Resident.objects.create(created_at=at)},
    )
    made = Conversation.objects.create(
        account=on,
        identity=identity,
        thread=f"post-{number}",
        visibility=visibility,
        status=status,
        attention=attention,
        why=why,
        unread=unread,
        summary=text[:190],
        opened_at=at,
        last_message_at=at,
    )
    message(made, text, at=at, language=language)
    return made


def message(talk: Conversation, text: str, *, at: datetime | None = None, language: str = "en", **more: Any) -> Message:
    """The resident says `text` in `talk`."""
    number, at = next(_numbers), at or timezone.now()
    return Message.objects.create(
        conversation=talk,
        account=talk.account,
        direction="in",
        network_id=f"post-{number}",
        url=f"https://social.example/posts/{number}",
        text=text,
        language=language,
        visibility=talk.visibility,
        posted_at=at,
        kept_at=at,
        **more,
    )


def assess(
    talk: Conversation,
    intent: str,
    decision: str,
    reason: str,
    *,
    urgency: str = "routine",
    services: tuple[tuple[str, str, float], ...] = (),
    place: dict[str, Any] | None = None,
    **more: Any,
) -> Assessment:
    """What triage made of the newest message of `talk`."""
    newest = talk.messages.filter(direction="in").order_by("-posted_at")[0]
    found = [{"code": code, "name": name, "confidence": sure} for code, name, sure in services]
    more = {"reasons": [f"intent: reads like a {intent}", "service: names what is wrong"]} | more
    return Assessment.objects.create(
        message=newest,
        intent=intent,
        intent_confidence=0.86,
        urgency=urgency,
        services=found,
        place=place,
        language=newest.language,
        decision=decision,
        decision_reason=reason,
        at=timezone.now(),
        **more,
    )


def suggest(
    talk: Conversation,
    service: str = "",
    name: str = "",
    *,
    intent: str = "request",
    urgency: str = "routine",
    place: str = "",
    words: str = "",
    reason: str = "It names what is broken.",
) -> Suggestion:
    """What a language model suggested for the newest message of `talk`."""
    newest, now = talk.messages.filter(direction="in").order_by("-posted_at")[0], timezone.now()
    call = Call.objects.create(message=newest, model="qwen3-8b", at=now, outcome="answered", ms=812)
    return Suggestion.objects.create(
        message=newest,
        call=call,
        service=service,
        service_name=name,
        intent=intent,
        urgency=urgency,
        place_words=words,
        place_name=place,
        reason=reason,
        at=now,
    )


def said(
    talk: Conversation, text: str, state: str = State.SENT, *, error: str = "", kind: str = "", by: User | None = None
) -> Delivery:
    """The city says `text` in `talk`; `state` is how far that came."""
    now, number = timezone.now(), next(_numbers)
    delivery = Delivery.objects.create(
        account=talk.account,
        key=f"{talk.pk}:test:{number}",
        thread=str(talk.pk),
        outgoing={"text": text},
        state=state,
        attempts=1,
        next_try_at=now,
        error=error,
        error_kind=kind,
        created_at=now,
        sent_at=now if state == State.SENT else None,
    )
    Message.objects.create(
        conversation=talk,
        account=talk.account,
        direction="out",
        text=text,
        visibility=talk.visibility,
        posted_at=now,
        kept_at=now,
        written_by=by,
        purpose="test",
        delivery=delivery,
    )
    return delivery


def request_from(
    talk: Conversation, of: Service | None = None, *, overdue: bool = False, place: dict[str, Any] | None = None
) -> ServiceRequest:
    """A request reported in `talk`."""
    first = talk.messages.filter(direction="in").order_by("posted_at")[0]
    made = open_request(
        NewRequest(
            of or service(),
            first.text,
            first.text,
            talk.account.network,
            place=place or PLACE,
            requested_at=first.posted_at,
        )
    )
    if overdue:
        ServiceRequest.objects.filter(pk=made.pk).update(due_at=timezone.now() - timedelta(days=3))
    Report.objects.create(conversation=talk, request=made, message=first, created_at=timezone.now())
    return ServiceRequest.objects.get(pk=made.pk)


def refused(reason: str = "The delivery names no post.", raw: bytes = b'{"type": "poll"}') -> Heard:
    """A delivery that could not be read."""
    return Heard.objects.create(
        account=account(),
        event_id=f"event-{next(_numbers)}",
        raw=raw,
        reason=reason,
        state=HeardState.REFUSED,
        received_at=timezone.now(),
    )


def article(
    slug: str = "block-party",
    title: str = "Get a permit for a block party",
    body: str = "Apply to the Streets Department some weeks before the party.\n\nMore follows.",
    keywords: str = "block party; street closure; permit",
    **more: Any,
) -> Article:
    """A how-to article, answer first."""
    return Article.objects.create(
        slug=slug, title=title, body=body, keywords=keywords, source="https://city.example/parties", **more
    )


def story() -> dict[str, Conversation]:
    """A morning at the desk: one or two conversations in every state."""
    people = staff()
    talks = {
        "emergency": conversation(
            "Rosa Delgado",
            "Wire down and sparking on the sidewalk at 13th and Market, kids are walking past it!",
            minutes=3,
            attention=Attention.EMERGENCY,
            why="Reads like danger to life: “wire down”, “sparking”.",
        ),
        "question": conversation(
            "Maria Santos",
            "How do I get a permit for a block party on my street in June?",
            minutes=22,
            attention=Attention.ANSWER,
            why="Reads like a question.",
        ),
        "urgent": conversation(
            "Kwame Boateng",
            "Traffic light out at Broad and Snyder, cars are just guessing",
            minutes=34,
            attention=Attention.URGENT,
            why="Perhaps dangerous: a signal does not work.",
        ),
        "arabic": conversation(
            "ليلى حداد",
            "هناك حفرة كبيرة أمام منزلي في شارع 13 و Market منذ أسبوع",
            minutes=48,
            attention=Attention.LOOK,
            why="A request, but not sure enough for which service.",
            language="ar",
        ),
        "private": conversation(
            "Dana Kowalski",
            "My neighbour at number 12 keeps dumping tires behind the house, please don't use my name",
            minutes=75,
            attention=Attention.LOOK,
            why="A request, but not sure enough for which service.",
            visibility="private",
        ),
        "failed": conversation(
            "Tom O'Brien",
            "Anybody there? My bin was not emptied for the third week",
            minutes=130,
            attention=Attention.LOOK,
            why="An answer could not be sent.",
            unread=False,
        ),
        "waiting": conversation(
            "Ines Ferreira",
            "There is a huge pothole near the school",
            minutes=190,
            status=Status.WAITING,
            why="Street Defect, but no place that is sure enough.",
            unread=False,
        ),
        "handled": conversation(
            "Lee Nguyen",
            "Pothole at 13th and Market ate my front tire",
            minutes=60 * 26,
            status=Status.DONE,
            why="Request opened: Street Defect at 13th and Market.",
            unread=False,
        ),
        "thanks": conversation(
            "Aisha Khan",
            "Thank you for fixing the swing at the playground!!",
            minutes=60 * 30,
            status=Status.DONE,
            why="Reads like an opinion or thanks: kept, nothing opened.",
            unread=False,
        ),
    }
    pothole = (("SR-ST01", "Street Defect", 0.48), ("SR-ST20", "Alley Light Outage", 0.08))
    assess(
        talks["emergency"],
        "request",
        "emergency",
        talks["emergency"].why,
        urgency="emergency",
        place=PLACE | {"confidence": 0.93},
        services=(("SR-ST01", "Street Defect", 0.3),),
    )
    assess(talks["question"], "question", "answer", "Reads like a question.", services=pothole[1:])
    assess(talks["urgent"], "request", "look", talks["urgent"].why, urgency="urgent", services=pothole)
    assess(
        talks["arabic"],
        "request",
        "look",
        talks["arabic"].why,
        services=pothole,
        place=PLACE | {"confidence": 0.9, "span": [30, 46]},
        reasons=["intent: a problem: “حفرة”", "service: “حفرة”"],
        personal_data=[{"kind": "home_address", "span": [16, 26]}],
    )
    assess(talks["private"], "request", "look", talks["private"].why, services=pothole)
    assess(talks["handled"], "request", "open", talks["handled"].why, services=pothole[:1])
    suggest(
        talks["arabic"],
        "SR-ST01",
        "Street Defect",
        urgency="urgent",
        place="S 13TH ST & MARKET ST",
        reason="“حفرة” is a hole in the street, in front of a house on 13th Street and Market.",
    )
    suggest(talks["private"], "", "", words="behind the house", intent="feedback")
    said(talks["emergency"], "This may be an emergency. Call 911 now. We cannot send help from here.")
    said(
        talks["failed"],
        "Sorry! Which address is it?",
        State.FAILED,
        kind="TokenExpired",
        by=people["agent"],
        error="The network refuses the token.",
    )
    said(
        talks["waiting"],
        "Thank you for telling us. Where is it? The nearest address or corner is enough.",
        State.WAITING,
    )
    done = request_from(talks["handled"], overdue=True)
    said(talks["handled"], f"Thank you. This is request {done.number}: Street Defect at S 13th St & Market St.")
    request_from(talks["emergency"])
    refused()
    department().members.add(people["crew"])
    return talks


def routing_draft() -> str:
    """A draft with two rules, one of which names somebody who left; the id of the first."""
    by = User.objects.get(username="administrator")
    for rule in (
        {"name": "Holes at night", "services": ["SR-ST01"], "hours": ["17:00", "08:00"], "weekdays": [4, 5]},
        {"name": "Center City", "areas": ["Center City"], "person": "left.long.ago"},
    ):
        routing_versions.begin(by)
        seen = routing_versions.stamp(routing_versions.draft())
        routing_versions.put({"department": department("water", "Water Department").code, **rule}, by, seen)
    made = routing_versions.draft()
    assert made
    return str(made.rules[0]["id"])


def question(of: Service) -> ServiceAttribute:
    """A question of a service, with a value that stops."""
    values = [
        {"key": "gas", "name": "It smells of gas", "stop": "Leave at once and call 911."},
        {"key": "no", "name": "No"},
    ]
    return ServiceAttribute.objects.create(
        service=of,
        code="smell",
        order=1,
        question="Do you smell gas?",
        datatype="singlevaluelist",
        required=True,
        values=values,
        public=True,
    )


def program_pages() -> list[str]:
    """The pages about other programs, with a key and something that waits on them."""
    key, _text = keys.make("Street app", "dev@app.example", by="test", origins=["https://app.example"])
    content = {
        "description": "A deep hole",
        "public_text": "A deep hole",
        "place": PLACE,
        "answers": {"SIZE": "L"},
        "contact": {"name": "Dana Kowalski", "email": "dana@home.example"},
        "urgency": "routine",
        "notice": "",
        "media": ["https://photos.example/" + "a" * 120],
        "files": [],
    }
    Submission.objects.create(
        key=key, digest="", state="waiting", service=service(), content=content, at=timezone.now()
    )
    return ["/console/programs/", "/console/programs/keys/"]


def result_pages() -> list[str]:
    """The pages about what came of posts, with one that was liked, clicked and answered."""
    now = timezone.now()
    talk = Conversation.objects.filter(visibility="public").order_by("id")[0]
    post = Post.objects.create(
        state="out", kind="short", campaign="snow", areas=["none"], created_at=now, changed_at=now
    )
    PostText.objects.create(
        post=post, language="en", text="Snow is coming. Please move your cars off the emergency routes."
    )
    variant = Variant.objects.create(
        post=post,
        account=talk.account,
        state="sent",
        sent_at=now - timedelta(days=1),
        network_id="ours",
        url="https://x.example/1",
    )
    Published.objects.create(account=talk.account, network_id=talk.thread, variant=variant)
    for name, values in {"likes": (3, 9, 14), "reposts": (1, 2, 4), "views": (120, 600, 940)}.items():
        for hour, value in enumerate(values, 1):
            at = now - timedelta(hours=24 - 5 * hour)
            Measurement.objects.create(variant=variant, name=name, at=at, value=value)
    link = ShortLink.objects.create(code="snow", target="https://city.example/snow", variant=variant, created_at=now)
    for hour in range(6):
        Clicks.objects.create(link=link, hour=now - timedelta(hours=hour), count=hour + 1)
    return [
        "/console/results/",
        "/console/results/?by=area&days=90",
        f"/console/results/posts/{post.pk}/",
        f"/console/posts/{post.pk}/",
        f"/console/conversations/{talk.pk}/",
    ]
