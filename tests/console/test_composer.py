"""The composer: what is typed becomes a post, what is seen is what goes out, and nobody's work is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from openline.accounts.models import Account
from openline.channels.accounts import Field
from openline.channels.registry import channel_for
from openline.console.composing import reading
from openline.publishing import content as contents
from openline.publishing import fitting, leaving, pausing, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import Post, Speaker, Variant
from openline.publishing.states import PostState, VariantState
from tests.console import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(login: Callable[[str], Client]) -> Client:
    """Signed in as communications."""
    return login("communications")


@pytest.fixture
def account(db: None) -> Account:
    """An account on a network that cuts long texts into threads of 500 characters."""
    return world.account()


def picture(colour: str = "teal") -> SimpleUploadedFile:
    """A small picture, as a browser sends it."""
    data = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(data, "PNG")
    return SimpleUploadedFile("bins.png", data.getvalue(), "image/png")


def form(account: Account, text: str = "Trash day moves to Saturday, July 5.", **more: Any) -> dict[str, Any]:
    """The composer's form as a browser sends it."""
    return {
        "version": "0",
        "kind": "short",
        "languages": ["en"],
        "language": "en",
        "text-en": text,
        "form": [f"{account.pk}:en"],
        "when": "now",
        "do": "save",
        **more,
    }


def edit(client: Client, post_id: UUID, typed: dict[str, Any]) -> Any:
    """Press a button of the composer."""
    return client.post(reverse("console:post_edit", args=[post_id]), typed)


def only() -> Post:
    """The one post that there is."""
    return Post.objects.get()


def test_a_draft_is_saved_as_it_was_typed(client: Client, account: Account) -> None:
    more = {"topics": "trash day, #recycling", "link": "city.example/trash", "campaign": "summer", "warning": "Noise"}
    answer = edit(client, uuid4(), form(account, **more))
    assert answer.status_code == 302
    content = contents.read(only())
    assert content.first == Words("Trash day moves to Saturday, July 5.")
    assert content.topics == ("trash day", "recycling") and content.link == "https://city.example/trash"
    assert [one.account for one in content.forms] == [str(account.pk)]
    page = client.get(answer["Location"]).content.decode()
    assert "Trash day moves to Saturday" in page and "trash day, recycling" in page


def test_the_preview_is_what_goes_out(client: Client, account: Account) -> None:
    text = " ".join(f"Sentence number {n} says a little about trash day." for n in range(15))
    more = {"link": "https://city.example/trash?a=1", "campaign": "summer", "short": "on"}
    shown = client.post(reverse("console:post_preview", args=[uuid4()]), form(account, text, **more)).content.decode()
    edit(client, uuid4(), form(account, text, do="hand_in", **more))
    variant = Variant.objects.get()
    said = leaving.outgoing_of(variant).text
    parts = fitting.parts_of(account, said)
    assert len(parts) == 2 and f"{len(parts)} posts" in shown
    seen = re.findall(r'<li class="text"[^>]*>(.*?)</li>', shown, re.S)
    blank = [re.sub(r"/go/\w+/", "/go/x/", part) for part in parts]
    assert [re.sub(r"/go/\w+/", "/go/x/", part) for part in seen] == blank
    assert [len(part) for part in seen] == [len(part) for part in parts]


def test_an_own_text_begins_as_the_common_one_and_goes_back_to_it(client: Client, account: Account) -> None:
    post_id, key = uuid4(), f"{account.pk}:en"
    edit(client, post_id, form(account, **{f"own-{key}": "on"}))
    assert Variant.objects.get().text == "Trash day moves to Saturday, July 5."
    edit(client, post_id, form(account, version="1", **{f"own-{key}": "on", f"text-{key}": "Only here."}))
    assert Variant.objects.get().text == "Only here."
    edit(client, post_id, form(account, version="2", **{f"text-{key}": "Only here."}))
    assert Variant.objects.get().text is None


def test_two_languages_stand_side_by_side_each_on_its_account(client: Client, account: Account) -> None:
    post_id, other = uuid4(), world.account("@philly_es")
    edit(client, post_id, form(account, do="language", add_language="es"))
    assert set(contents.read(only()).texts) == {"en", "es"}
    both = {"languages": ["en", "es"], "text-es": "La basura se recoge el sábado.", "version": "1"}
    edit(client, post_id, form(account, **both) | {"form": [f"{account.pk}:en", f"{other.pk}:es"]})
    assert sorted(Variant.objects.values_list("language", flat=True)) == ["en", "es"]
    page = client.get(reverse("console:post_edit", args=[post_id])).content.decode()
    assert "Español" in page and page.count('class="one-form"') == 4


def test_a_form_sent_twice_makes_one_post(client: Client, account: Account) -> None:
    post_id = uuid4()
    for _time in range(2):
        assert edit(client, post_id, form(account)).status_code == 302
    assert only().version == 1


def test_what_somebody_else_saved_meanwhile_is_shown_beside_ones_own(
    client: Client, account: Account, login: Callable[[str], Client]
) -> None:
    post_id = uuid4()
    edit(client, post_id, form(account))
    edit(login("supervisor"), post_id, form(account, "The supervisor's words.", version="1"))
    answer = edit(client, post_id, form(account, "My own words.", version="1"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "The supervisor&#x27;s words." in page and "My own words." in page
    assert contents.read(only()).first.text == "The supervisor's words."
    seen = re.search(r'name="version" value="(\d+)"', page)
    assert seen and edit(client, post_id, form(account, "My own words.", version=seen[1])).status_code == 302
    assert contents.read(only()).first.text == "My own words." and only().versions.count() == 3


def test_drafts_keep_themselves_but_never_over_others(
    client: Client, account: Account, login: Callable[[str], Client]
) -> None:
    post_id = uuid4()
    address = reverse("console:post_autosave", args=[post_id])
    assert client.post(address, form(account, "Half a sent")).json()["version"] == 1
    assert client.post(address, form(account, "Half a sentence", version="1")).json()["version"] == 2
    late = login("supervisor").post(address, form(account, "Other words", version="1")).json()
    assert late["conflict"] and not late["kept"]
    assert contents.read(only()).first.text == "Half a sentence"


def test_what_is_planned_is_not_changed_by_the_clock(client: Client, account: Account) -> None:
    post_id = uuid4()
    edit(client, post_id, form(account, do="hand_in"))
    assert only().state == PostState.SCHEDULED
    client.post(reverse("console:post_autosave", args=[post_id]), form(account, "Changed", version="1"))
    assert only().state == PostState.SCHEDULED and only().version == 1


def test_handed_in_for_a_time_it_waits_for_it(client: Client, account: Account) -> None:
    at = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = edit(client, uuid4(), form(account, do="hand_in", when="at", leave_at=at))
    assert answer["Location"] == reverse("console:post", args=[only().pk])
    variant = Variant.objects.get()
    assert variant.state == VariantState.PLANNED and variant.leave_at and variant.leave_at > timezone.now()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"do": "hand_in", "form": []}, "Choose at least one account"),
        ({"do": "hand_in", "when": "at", "leave_at": ""}, "Say when it goes out"),
        ({"leave_at": "soon", "when": "at"}, "is not a date with a time"),
        ({"leave_at": "9999-12-31T23:59", "when": "at", "do": "hand_in"}, "Look at the year again: 9999"),
        ({"embargo_until": "0001-01-01T00:00"}, "Look at the year again: 1 "),
        ({"link": "javascript:alert(1)"}, "A link begins with https"),
        ({"late_minutes": "-5"}, "whole minutes"),
        ({"form": ["nonsense"]}, "An account is not named right"),
        ({"media": ["nonsense"]}, "A file is not named right"),
    ],
)
def test_what_is_wrong_is_said_and_the_words_stay(
    client: Client, account: Account, typed: dict[str, Any], said: str
) -> None:
    answer = edit(client, uuid4(), form(account, "My words stay.") | typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page and "My words stay." in page


def test_what_is_saved_but_not_complete_is_no_conflict_with_oneself(client: Client, account: Account) -> None:
    post_id = uuid4()
    page = edit(client, post_id, form(account, form=[], do="hand_in")).content.decode()
    assert "is saved as a draft" in page and "It is not saved yet" not in page
    seen = re.search(r'name="version" value="(\d+)"', page)
    assert seen and seen[1] == "1"
    answer = edit(client, post_id, form(account, "Now with an account.", do="hand_in", version=seen[1]))
    assert answer.status_code == 302 and only().state == PostState.SCHEDULED


def test_what_is_handed_in_during_a_pause_is_not_said_to_be_on_its_way(
    client: Client, account: Account, staff: dict[str, User]
) -> None:
    pausing.begin("A fire at the port", by=staff["supervisor"])
    answer = client.post(reverse("console:post_edit", args=[uuid4()]), form(account, do="hand_in"), follow=True)
    page = answer.content.decode()
    assert "it is held back until" in page and "On its way." not in page
    assert Variant.objects.get().state == VariantState.HELD


def test_an_account_that_takes_no_files_says_so_before_the_post_leaves(client: Client, account: Account) -> None:
    nostr = world.account("npub1philly", "nostr")
    given = {"form": [f"{nostr.pk}:en"], "do": "add", "files": [picture()]}
    answer = edit(client, uuid4(), form(account) | given)
    assert "Nostr takes no pictures on this account." in client.get(answer["Location"]).content.decode()
    nostr.settings |= {"media_servers": "https://files.example"}
    nostr.save()
    assert "takes no pictures" not in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("name", ["article", "request", "text"])
def test_what_no_text_can_hold_begins_no_post(client: Client, account: Account, name: str) -> None:
    assert client.get(reverse("console:post_new"), {name: "a\x00b"}).status_code == 200


def test_nobody_writes_as_an_account_of_others(client: Client, account: Account, staff: dict[str, User]) -> None:
    Speaker.objects.create(account=account, user=staff["supervisor"])
    answer = edit(client, uuid4(), form(account))
    assert answer.status_code == 422 and "You may not publish as" in answer.content.decode()
    assert not Post.objects.exists()
    content = Content(texts={"en": Words("Theirs")}, forms=(Form(str(account.pk)),))
    theirs = writing.create(content, by=staff["supervisor"])
    assert client.get(reverse("console:post_edit", args=[theirs.pk])).status_code == 302
    page = client.get(reverse("console:post", args=[theirs.pk])).content.decode()
    assert "You may not publish as" in page


@pytest.mark.parametrize(("name", "data"), [("plan.pdf", b"%PDF-1.4 text %%EOF"), ("plan.exe", b"MZ" * 99)])
def test_what_no_network_shows_is_refused_by_its_name(client: Client, account: Account, name: str, data: bytes) -> None:
    given = SimpleUploadedFile(name, data, "image/png")
    page = edit(client, uuid4(), form(account, "My words stay.", do="add", files=[given])).content.decode()
    assert f"{name}: Only pictures" in page and "films" in page and "My words stay." in page
    assert not Post.objects.exists()


def test_pictures_are_taken_described_ordered_and_cropped(client: Client, account: Account) -> None:
    post_id = uuid4()
    edit(client, post_id, form(account, do="add", files=[picture(), picture("red")]))
    first, second = contents.read(only()).media
    page = client.get(reverse("console:post_edit", args=[post_id])).content.decode()
    assert "Describe file 1" in page and "Describe file 2" in page
    sealed = [reading.seal(item.file) for item in (first, second)]
    more = {
        "media": sealed,
        f"alt-{first.file}-en": "Bins",
        f"alt-{second.file}-en": "A truck",
        f"focus_x-{first.file}": "50",
        f"focus_y-{first.file}": "-500",
        "version": "1",
    }
    edit(client, post_id, form(account, **more) | {"do": f"down:{first.file}"})
    media = contents.read(only()).media
    assert [item.file for item in media] == [second.file, first.file]
    assert media[1].alts == {"en": "Bins"} and (media[1].focus_x, media[1].focus_y) == (0.5, -1.0)
    assert client.get(reverse("console:post_file", args=[sealed[0], "thumbnail"])).status_code == 200
    assert client.get(reverse("console:post_file", args=[str(first.file), "thumbnail"])).status_code == 404
    edit(client, post_id, form(account, **more | {"version": "2"}) | {"do": f"out:{second.file}"})
    assert [item.file for item in contents.read(only()).media] == [first.file]


def test_hashtags_get_their_capitals_by_a_button(client: Client, account: Account) -> None:
    edit(client, uuid4(), form(account, "New bins. #trashday", do="tags", topics="trash day"))
    assert contents.read(only()).first.text == "New bins. #TrashDay"


def test_a_poll_a_warning_and_what_a_network_cannot_do(client: Client, account: Account) -> None:
    poll = {"poll": ["Yes", "No", ""], "poll_seconds": "3600", "poll_multiple": "on"}
    edit(client, uuid4(), form(account, **poll))
    assert contents.read(only()).poll == {"options": ["Yes", "No"], "seconds": 3600, "multiple": True}
    nostr = world.account("npub1", "nostr")
    page = client.post(reverse("console:post_preview", args=[uuid4()]), form(nostr, **poll)).content.decode()
    assert "has no polls" in page


def test_a_post_begins_with_an_article(client: Client, account: Account) -> None:
    world.article("trash", "When is my trash day?", "Look at the **map**.\n\nMore.")
    page = client.get(reverse("console:post_new") + "?article=trash").content.decode()
    assert "Look at the map." in page and "/articles/trash/" in page
    blog = client.get(reverse("console:post_new") + "?article=trash&kind=blog").content.decode()
    assert "When is my trash day?" in blog and "Look at the **map**." in blog and "More." in blog


def test_a_post_begins_with_an_outage_and_tells_nothing_of_who_reported_it(client: Client) -> None:
    talk = world.conversation("Maria Santos", "My name is Maria Santos, big hole, call 215-555-0142")
    found = world.request_from(talk)
    page = client.get(reverse("console:post_new") + f"?request={found.number}").content.decode()
    assert "Street Defect at S 13TH ST" in page and "Maria" not in page and "0142" not in page


def test_an_earlier_post_once_more(client: Client, account: Account) -> None:
    edit(client, uuid4(), form(account, "Every spring."))
    page = client.get(reverse("console:post_new") + f"?copy={only().pk}").content.decode()
    assert "Every spring." in page and f'value="{account.pk}:en" checked' in page
    for nonsense in ("copy=x", "corrects=x", "request=26-9", "article=none", f"copy={uuid4()}"):
        assert client.get(reverse("console:post_new") + f"?{nonsense}").status_code == 200


def test_kept_as_an_idea_and_handed_in_later(client: Client, account: Account) -> None:
    post_id = uuid4()
    edit(client, post_id, form(account, do="idea"))
    assert only().state == PostState.IDEA
    edit(client, post_id, form(account, do="hand_in", version="1"))
    assert only().state == PostState.SCHEDULED


def test_handed_in_for_the_next_good_time(client: Client, account: Account) -> None:
    edit(client, uuid4(), form(account, do="hand_in", when="slot"))
    at = Variant.objects.get().leave_at
    assert at and at > timezone.now() and at.minute in (0, 30) and only().state == PostState.SCHEDULED


def test_what_a_network_alone_knows_is_asked_for_and_kept(
    client: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = Field("album", "Album", kind="choice", choices=(("park", "Parks"), ("snow", "Snow <3")))
    note = Field("note", "Note", "Only they read it.", required=False)
    channel = type(channel_for(account.network))
    monkeypatch.setattr(channel, "options", lambda self, account, form: (album, note))
    post_id, key = uuid4(), f"{account.pk}:en"
    typed = {f"network-{key}-album": "snow", f"network-{key}-note": "", f"network-{key}-bad name": "x"}
    page = client.get(edit(client, post_id, form(account, **typed))["Location"]).content.decode()
    assert Variant.objects.get().options == {contents.OWN: {"album": "snow"}}
    assert '<option value="snow" selected>Snow &lt;3</option>' in page and "Only they read it." in page
    assert leaving.outgoing_of(Variant.objects.get()).options == {"album": "snow"}


def test_what_it_costs_is_said_before(client: Client, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = type(channel_for(account.network))
    monkeypatch.setattr(channel, "cost", lambda self, account, text: f"It costs $0.20: {text[:5]}")
    shown = client.post(reverse("console:post_preview", args=[uuid4()]), form(account)).content.decode()
    assert "It costs $0.20: Trash" in shown


def test_a_choice_of_yes_can_be_taken_back(client: Client, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    share = Field("share", "Share it", kind="yes_no", initial="yes", required=False)
    monkeypatch.setattr(type(channel_for(account.network)), "options", lambda self, account, form: (share,))
    post_id, name = uuid4(), f"network-{account.pk}:en-share"
    box = f'name="{name}" value="yes" checked'
    assert box in client.get(edit(client, post_id, form(account))["Location"]).content.decode()
    page = client.get(edit(client, post_id, form(account, version="1", **{name: "no"}))["Location"]).content.decode()
    assert box not in page and leaving.outgoing_of(Variant.objects.get()).options == {"share": "no"}
    edit(client, post_id, form(account, version="2", **{name: ["no", "yes"]}))
    assert leaving.outgoing_of(Variant.objects.get()).options == {"share": "yes"}
