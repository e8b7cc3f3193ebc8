"""What becomes public holds no personal data, unless a person says why."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from openline.records.models import Record
from openline.service_requests import actions, jurisdiction, publishing
from openline.service_requests.models import Service, ServiceRequest, Update
from openline.service_requests.publishing import PersonalFound, Settled, settle
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(db: None) -> User:
    jurisdiction.forget()
    return User.objects.create(username="ana", first_name="Ana", last_name="Ruiz")


@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        ("We called 215-555-0142.", "phone", "We called [phone removed]."),
        ("Write to joe@example.org", "email", "Write to [email removed]"),
        ("The car with plate KXR 4821 was towed", "plate", "The car with plate [plate removed] was towed"),
        ("SSN 219-09-9999", "ssn", "SSN [number removed]"),
        ("Paid with 4111 1111 1111 1111", "card", "Paid with [number removed]"),
        ("Your account 4512300098 is fine", "account", "Your account [number removed] is fine"),
        ("We spoke with Mrs. Washington", "name", "We spoke with Mrs. [name removed]"),
        ("She lives at 742 N 24th St", "home_address", "She lives at [address removed]"),
    ],
)
def test_each_kind_is_shown_to_who_writes_and_taken_out_for_programs(
    ana: User, text: str, kind: str, masked: str
) -> None:
    with pytest.raises(PersonalFound) as problem:
        settle(text, by=ana)
    assert [one.kind for one in problem.value.found] == [kind] and problem.value.masked == masked
    assert settle(text, by=None) == Settled(masked)
    assert settle(masked, by=ana) == Settled(masked)
    kept = settle(text, by=ana, because=" it is ours ")
    assert kept.text == text and kind in kept.kept and kept.kept.endswith("it is ours")


def test_what_the_city_publishes_itself_passes(ana: User) -> None:
    world.department("streets").__class__.objects.update(email="streets@city.example", phone="215-686-5560")
    world.service(code="X", referral_text="Call PECO at 215-555-0199 or help@peco.example.")
    jurisdiction.forget()
    text = (
        "Call 215-686-5560, 1-800-841-4141 or 215-555-0199, write to streets@city.example, info@parks.city.example or"
        " help@peco.example. - Ana Ruiz"
    )
    assert settle(text, by=ana) == Settled(text)
    with pytest.raises(PersonalFound):
        settle(text.replace("Ana Ruiz", "Rosa Diaz"), by=ana)
    with pytest.raises(PersonalFound):
        settle("write to me@notcity.example", by=ana)


def test_an_address_at_a_mail_provider_is_nobodys_but_the_one_given(ana: User) -> None:
    world.department("parks", "Parks").__class__.objects.update(email="friendsofparks@gmail.com")
    assert settle("friendsofparks@gmail.com", by=ana).kept == ""
    with pytest.raises(PersonalFound):
        settle("rosa@gmail.com", by=ana)


def test_residents_of_a_request_are_not_named_and_others_handles_neither(ana: User) -> None:
    talk = world.conversation("Rosa Delgado", "Pothole at 13th and Market")
    other = world.conversation("Tomas Greene", "Light out")
    request = world.request_from(talk)
    for text in ("Rosa Delgado showed us", "thanks to ROSA DELGADO!", "as @rosa says", "ask @tomas", "ask @Tomas"):
        with pytest.raises(PersonalFound):
            publishing.of_request(request, text, by=ana)
    for text in ("thanks @septa and @philly311", "the rosaceous hedge", "@tomasito"):
        assert publishing.of_request(request, text, by=ana).kept == ""
    assert settle("Hi @tomas, done", by=ana, spoken_to=other.identity).kept == ""
    with pytest.raises(PersonalFound):
        settle("Hi @rosa, done", by=ana, spoken_to=other.identity)


def test_closing_and_updating_a_request_go_through_the_door(ana: User) -> None:
    request = world.request_from(world.conversation("Rosa Delgado", "Pothole at 13th and Market"))
    with pytest.raises(PersonalFound):
        actions.add_update(request.pk, by=ana, public_text="Call Joe: 215-555-0142")
    with pytest.raises(PersonalFound):
        actions.move(request.pk, "closed", by=ana, outcome="done", public_text="Call Joe: 215-555-0142")
    assert ServiceRequest.objects.get(pk=request.pk).version == 1 and not Update.objects.exclude(public_text="")
    actions.add_update(
        request.pk, by=ana, public_text="Call Joe: 215-555-0142", because="the contractor's line", note="Told Joe."
    )
    update = Update.objects.exclude(public_text="").get()
    assert update.public_text == "Call Joe: 215-555-0142"
    assert update.note == "Told Joe.\nPublished as it is (phone): the contractor's line"
    assert any("the contractor's line" in str(body) for body in Record.objects.values_list("body", flat=True))
    actions.move(request.pk, "in_progress", by=None, public_text="Call Joe: 215-555-0143")
    assert ServiceRequest.objects.get(pk=request.pk).status_note == "Call Joe: [phone removed]"


def test_an_internal_note_is_left_alone(ana: User) -> None:
    request = world.request_from(world.conversation("Rosa Delgado", "Pothole"), Service.objects.first())
    actions.add_update(request.pk, by=ana, note="Rosa Delgado, 215-555-0142")
    assert Update.objects.exclude(note="").get().note == "Rosa Delgado, 215-555-0142"
