"""Alerts: at once on every account and page, updated by one edit, ended in time, and read by programs as CAP."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.utils import timezone

from openline.channels.base import Capabilities, NetworkDown
from openline.geography.models import Area
from openline.outbox.models import Delivery, State
from openline.publishing import leaving, pausing
from openline.publishing.alerts import cap, current, issuing, places, templates, words
from openline.publishing.alerts.places import Where
from openline.publishing.errors import Conflict, NotPossible
from openline.publishing.models import Alert, AlertTemplate, ApprovalRule, Needs, Variant
from openline.publishing.states import VariantState
from openline.records.models import Record
from tests.publishing.conftest import Newsroom
from tests.world import FileNetwork, posts

TEXTS = {
    "en": {"headline": "Boil your water in {place}", "text": "Until {until}: {reason}.", "instruction": "Boil it."},
    "es": {"headline": "Hierva el agua en {place}", "text": "Hasta el {until}: {reason}.", "instruction": "Hiérvala."},
}


@pytest.fixture(autouse=True)
def _anew() -> None:
    current.forget_now()


def draft(newsroom: Newsroom, *handles: str, **more: Any) -> issuing.Draft:
    targets = [(newsroom.account(handle).pk, "en") for handle in handles or ("news", "water")]
    return issuing.Draft(
        **{
            "texts": TEXTS,
            "where": Where("Fishtown"),
            "expires_at": timezone.now() + timedelta(hours=6),
            "event": "Boil water notice",
            "category": "Health",
            "severity": "Severe",
            "values": {"reason": "a main broke", "reason:es": "se rompió una tubería"},
            "targets": tuple(targets),
            **more,
        }
    )


def test_an_alert_needs_no_approval_and_passes_the_pause(newsroom: Newsroom) -> None:
    sam = newsroom.person("sam", "supervisor")
    ApprovalRule.objects.create(needs=Needs.TWO)
    pausing.begin("A main broke.", by=sam)
    spanish = (newsroom.account("news").pk, "es")
    alert = issuing.issue(replace(draft(newsroom), targets=(*draft(newsroom).targets, spanish)), by=sam)
    newsroom.work()
    assert [text.split("\n")[0] for text in newsroom.said("water")] == ["Boil your water in Fishtown"]
    assert {text.split("\n")[0] for text in newsroom.said("news")} == {
        "Boil your water in Fishtown",
        "Hierva el agua en Fishtown",
    }
    assert all(f"/alerts/{alert.pk}/" in text for text in newsroom.said("news"))
    assert Record.objects.get(body__what="alert issued").actor == "sam"
    shown = current.showing("es-mx")
    assert [one.headline for one in shown] == ["Hierva el agua en Fishtown"]
    assert "se rompió una tubería" in shown[0].text


def test_what_is_missing_is_named_and_nothing_is_sent(newsroom: Newsroom) -> None:
    sam = newsroom.person("sam")
    for wrong, field in (
        ({"values": {}}, "reason"),
        ({"texts": {}}, "headline"),
        ({"texts": {"en": {"headline": "", "text": "x"}}}, "headline"),
        ({"expires_at": timezone.now()}, "expires_at"),
        ({"onset": timezone.now() + timedelta(days=1)}, "onset"),
        ({"severity": "Awful"}, "severity"),
        ({"event": " "}, "event"),
    ):
        with pytest.raises(NotPossible) as error:
            issuing.issue(draft(newsroom, **wrong), by=sam)  # type: ignore[arg-type]
        assert error.value.field == field
    assert not Alert.objects.exists() and not Delivery.objects.exists()


def test_an_alert_is_never_sent_late(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise NetworkDown("away")

    monkeypatch.setattr(FileNetwork, "send", away)
    issuing.issue(draft(newsroom, "news"), by=newsroom.person("sam"))
    newsroom.work()
    delivery = Delivery.objects.get()
    assert delivery.not_after and delivery.not_after - delivery.created_at <= timedelta(minutes=15)
    monkeypatch.undo()
    Delivery.objects.update(not_after=timezone.now() - timedelta(seconds=1))
    newsroom.hurry()
    assert newsroom.said() == []
    assert Variant.objects.get().state == VariantState.MISSED


def test_nothing_goes_out_after_the_end_of_an_alert(newsroom: Newsroom) -> None:
    alert = issuing.issue(draft(newsroom, "news"), by=newsroom.person("sam"))
    leaving.leave()
    Alert.objects.update(expires_at=timezone.now())
    assert issuing.expire() == 1 and issuing.expire() == 0
    newsroom.work()
    assert newsroom.said() == []
    assert Variant.objects.get().state == VariantState.CANCELLED
    alert.refresh_from_db()
    assert alert.ended_at == alert.expires_at
    assert current.editions() == []


def test_an_update_edits_where_the_network_can_and_answers_where_not(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one account posts can be edited, on the other they cannot."""
    sam = newsroom.person("sam")
    alert = issuing.issue(draft(newsroom), by=sam)
    newsroom.work()
    fixed = {post["id"] for post in posts(str(newsroom.folder / "water"))}

    def capabilities_of_post(self: FileNetwork, network_id: str, private: bool) -> Capabilities:
        return replace(self.capabilities, edit=network_id not in fixed)

    monkeypatch.setattr(FileNetwork, "capabilities_of_post", capabilities_of_post)
    wider = replace(draft(newsroom), where=Where("Fishtown and Kensington"))
    with pytest.raises(Conflict):
        issuing.update(alert.pk, wider, by=sam, seen=7)
    edition = issuing.update(alert.pk, wider, by=sam, seen=1)
    newsroom.work()
    edited, answered = (posts(str(newsroom.folder / handle)) for handle in ("news", "water"))
    assert [post.get("action", "post") for post in edited] == ["post", "edit"]
    assert edited[1]["about"] == edited[0]["id"]
    assert edited[1]["text"].startswith("UPDATE: Boil your water in Fishtown and Kensington")
    assert [post.get("action", "post") for post in answered] == ["post", "post"]
    assert answered[1]["to"] == answered[0]["id"]
    assert (edition.number, edition.message_type) == (2, "Update")
    assert [one.headline for one in current.showing("en")] == ["UPDATE: Boil your water in Fishtown and Kensington"]


def test_an_update_takes_the_place_of_what_did_not_go_out_yet(newsroom: Newsroom) -> None:
    sam = newsroom.person("sam")
    alert = issuing.issue(draft(newsroom, "news"), by=sam)
    leaving.leave()  # with the outbox, not sent
    issuing.update(alert.pk, replace(draft(newsroom, "news"), where=Where("Kensington")), by=sam, seen=1)
    newsroom.work()
    assert [text.split("\n")[0] for text in newsroom.said()] == ["UPDATE: Boil your water in Kensington"]
    assert not Delivery.objects.exclude(state__in=[State.SENT, State.CANCELLED]).exists()


def test_the_end_takes_the_banner_away_and_says_final_words_if_wanted(newsroom: Newsroom) -> None:
    sam = newsroom.person("sam")
    quiet, loud = issuing.issue(draft(newsroom, "news"), by=sam), issuing.issue(draft(newsroom, "water"), by=sam)
    newsroom.work()
    issuing.end(quiet.pk, by=sam, seen=1)
    last = issuing.end(loud.pk, by=sam, seen=1, final={"en": "The water is safe again."})
    newsroom.work()
    assert current.editions() == []
    assert len(newsroom.said("news")) == 1
    assert newsroom.said("water")[-1].startswith("ENDED: Boil your water in Fishtown\n\nThe water is safe again.")
    assert last.message_type == "Cancel"
    with pytest.raises(NotPossible, match="over"):
        issuing.update(loud.pk, draft(newsroom), by=sam, seen=2)


def test_an_exercise_is_marked_and_reaches_nobody_by_itself(newsroom: Newsroom) -> None:
    sam = newsroom.person("sam")
    alert = issuing.issue(draft(newsroom, drill=True), by=sam)
    newsroom.work()
    assert newsroom.said("news") == newsroom.said("water") == []
    assert current.editions() == []
    edition = alert.editions.get()
    assert edition.texts["es"]["headline"].startswith("SIMULACRO: ")
    assert ElementTree.fromstring(cap.write(edition, [])).findtext(f"{{{cap.NAMESPACE}}}status") == "Exercise"
    issuing.issue(draft(newsroom, drill=True, drill_everywhere=True), by=sam)
    newsroom.work()
    assert newsroom.said("news")[0].startswith("EXERCISE: Boil")


def test_a_text_too_long_for_an_account_is_shortened_by_its_parts(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileNetwork, "capabilities", replace(FileNetwork.capabilities, text_limit=160))
    texts = {"en": {"headline": "Snow emergency", "text": "Snow. " * 60, "instruction": "Stay at home."}}
    issuing.issue(draft(newsroom, "news", texts=texts), by=newsroom.person("sam"))
    newsroom.work()
    assert len(newsroom.said()) == 1
    assert newsroom.said()[0].startswith("Snow emergency\n\nStay at home.\n\nhttp")


def test_the_most_severe_stands_first(newsroom: Newsroom) -> None:
    for severity in ("Minor", "Extreme", "Moderate"):
        issuing.issue(draft(newsroom, severity=severity, targets=()), by=newsroom.person("sam"))
    assert [one.severity for one in current.showing("en")] == ["Extreme", "Moderate", "Minor"]


# --- places -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_places_are_chosen_drawn_or_named(philadelphia: None) -> None:
    codes = list(Area.objects.filter(kind="neighborhood").order_by("name").values_list("code", flat=True)[:2])
    chosen = places.where("", codes, "", "Philadelphia")
    assert chosen.areas == tuple(codes) and ", " in chosen.words
    drawn = places.where("The river bank", [], "39.95,-75.16 39.96,-75.16 39.96,-75.15", "Philadelphia")
    assert drawn.polygon == ((-75.16, 39.95), (-75.16, 39.96), (-75.15, 39.96), (-75.16, 39.95))
    named = places.where("Broad St and Market St", [], "", "Philadelphia")
    assert named.polygon and len(named.polygon) == 17 and not named.areas
    assert places.where("", [], "", "Philadelphia") == Where("Philadelphia")
    for wrong in (
        ("", ["no-area"], ""),
        ("", [], "39.95,-75.16 39.96,-75.16"),
        ("", [], "91.5,-75.16 39.9,-75.1 1.1,1.1"),
    ):
        with pytest.raises(NotPossible):
            places.where(*wrong, "Philadelphia")


# --- templates ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_sample_city_has_templates_in_two_languages(philadelphia: None) -> None:
    found = {one.code: one for one in AlertTemplate.objects.all()}
    assert {"snow-emergency", "boil-water", "shelter-opening", "road-closure", "heat", "air-quality"} <= found.keys()
    for one in found.values():
        assert {"en", "es"} <= one.texts.keys()
        values = {field["name"]: "something" for field in one.fields}
        made = issuing.filled(
            issuing.Draft(one.texts, Where("Fishtown"), timezone.now() + timedelta(hours=1), one.event, values=values)
        )
        assert not any("{" in part for said in made.values() for part in said.values())
        assert len(made["en"]["headline"]) < 120


def test_a_template_is_checked(newsroom: Newsroom) -> None:
    sam = newsroom.person("sam")
    good = {"name": "Heat", "event": "Heat", "texts": {"en": {"headline": "Hot: {why}"}},
            "fields": [{"name": "why", "label": "Why"}]}  # fmt: skip
    assert templates.save("heat-2", good, by=sam).texts["en"]["headline"] == "Hot: {why}"
    for wrong in ({"fields": []}, {"name": ""}, {"texts": {}}, {"urgency": "Now"}, {"hours": 0},
                  {"fields": [{"name": "place", "label": "x"}]}):  # fmt: skip
        with pytest.raises(NotPossible):
            templates.save("heat-2", good | wrong, by=sam)
    with pytest.raises(NotPossible):
        templates.save("Heat 2", good, by=sam)


# --- CAP ----------------------------------------------------------------------------------------

ALERT = (
    "identifier sender sent status msgType source? scope restriction? addresses? code* note? references? incidents?"
    " info*"
)
INFO = (
    "language? category+ event responseType* urgency severity certainty audience? eventCode* effective? onset? expires?"
    " senderName? headline? description? instruction? web? contact? parameter* resource* area*"
)
AREA = "areaDesc polygon* circle* geocode* altitude? ceiling?"
GEOCODE = "valueName value"
ENUMS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
                 "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
TIME = r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"
POINT = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
FORMS = {
    "identifier": r"[^\s,<&]+",
    "sender": r"[^\s,<&]+",
    "sent": TIME,
    "effective": TIME,
    "onset": TIME,
    "expires": TIME,
    "references": rf"[^\s,]+,[^\s,]+,{TIME}( [^\s,]+,[^\s,]+,{TIME})*",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "polygon": rf"{POINT}( {POINT}){{3,}}",
    "web": r"https?://\S+",
}


def hold_to_cap(message: bytes) -> ElementTree.Element:
    """The message, held to CAP 1.2: elements and their order (3.4), enumerations and formats (3.2, 3.3)."""
    root = ElementTree.fromstring(message)
    assert root.tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert"
    _in_order(root, ALERT)
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        assert element.tag == f"{{{cap.NAMESPACE}}}{name}"
        {"info": lambda e: _in_order(e, INFO), "area": lambda e: _in_order(e, AREA),
         "geocode": lambda e: _in_order(e, GEOCODE)}.get(name, lambda e: None)(element)  # fmt: skip
        assert not element.attrib
        if name in ENUMS:
            assert element.text in ENUMS[name]
        if name in FORMS:
            assert re.fullmatch(FORMS[name], element.text or ""), f"{name}: {element.text}"
        if name == "polygon":
            points = (element.text or "").split()
            assert points[0] == points[-1]
    return root


def _in_order(element: ElementTree.Element, rule: str) -> None:
    """The children as the schema's sequence has them."""
    pattern = "".join(f"(?:{word.rstrip('?*+')} ){word[-1] if word[-1] in '?*+' else ''}" for word in rule.split())
    names = "".join(child.tag.rpartition("}")[2] + " " for child in element)
    assert re.fullmatch(pattern, names), names


def text_of(root: ElementTree.Element, *path: str) -> str:
    return root.findtext("/".join(f"{{{cap.NAMESPACE}}}{name}" for name in path)) or ""


def test_every_edition_is_a_valid_cap_message(newsroom: Newsroom, philadelphia: None) -> None:
    sam, codes = newsroom.person("sam"), ["nb-bridesburg"]
    onset = timezone.now() + timedelta(minutes=5)
    where = Where("Bridesburg & <more>\x0b", tuple(codes))
    alert = issuing.issue(draft(newsroom, "news", where=where, onset=onset), by=sam)
    drawn = Where("A block", (), places.around(-75.16, 39.95))
    issuing.update(alert.pk, draft(newsroom, "news", where=drawn), by=sam, seen=1)
    issuing.end(alert.pk, by=sam, seen=2)
    first, second, third = alert.editions.order_by("number")
    root = hold_to_cap(cap.write(first, []))
    assert [one.text for one in root.iter(f"{{{cap.NAMESPACE}}}language")] == ["en", "es"]
    assert text_of(root, "msgType") == "Alert" and not text_of(root, "references")
    assert text_of(root, "info", "area", "areaDesc") == "Bridesburg & <more>"
    assert text_of(root, "info", "area", "geocode", "value") == "nb-bridesburg"
    assert text_of(root, "info", "area", "polygon").startswith(("40.", "39."))  # latitude first
    assert text_of(root, "status") == "Actual"
    root = hold_to_cap(cap.write(second, [first]))
    assert text_of(root, "msgType") == "Update"
    assert text_of(root, "references") == f"{cap.sender()},{cap.identifier(first)},{cap.stamp(first.at)}"
    root = hold_to_cap(cap.write(third, [first, second]))
    assert text_of(root, "msgType") == "Cancel"
    assert len(text_of(root, "references").split()) == 2
    assert text_of(root, "info", "web") == f"{settings.PUBLIC_URL}/alerts/{alert.pk}/"


def test_our_words_are_those_of_cap() -> None:
    for name, known in words.FIELDS.items():
        assert set(known) == ENUMS["responseType" if name == "response" else name]


def test_the_check_of_cap_can_fail(newsroom: Newsroom) -> None:
    alert = issuing.issue(draft(newsroom, "news"), by=newsroom.person("sam"))
    message = cap.write(alert.editions.get(), []).decode()
    for right, wrong in (("Actual", "Real"), ("<scope>Public</scope>", ""), ("<urgency>Expected</urgency>", "")):
        with pytest.raises(AssertionError):
            hold_to_cap(message.replace(right, wrong).encode())
