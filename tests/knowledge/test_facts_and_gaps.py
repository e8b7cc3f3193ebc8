"""Facts of the place, gaps, figures, and what readers say of a page."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from openline.care import drafting
from openline.console import permissions
from openline.geography.models import Area
from openline.knowledge import facts, figures, gaps, loading_facts
from openline.knowledge.models import Article, ArticleState, Fact, Helpful, Lookup, Outcome, Question, QuestionGroup
from openline.knowledge.passages import passages
from tests.world import city_account

pytestmark = pytest.mark.usefixtures("philadelphia")
BODY = "The day depends on your street. Yours is {{ day }}. More words.\n\n- **One**: a.\n- Two.\n\n## Later\n\nText."


@pytest.fixture
def lookup() -> Lookup:
    made = Lookup.objects.create(code="day", name="Day")
    Fact.objects.create(lookup=made, area="zip-19102", value="Friday")
    return made


def test_an_article_falls_into_passages_answer_first() -> None:
    found = passages(BODY + "\n\nMore: [here](https://city.example)\n\n*An example.*")
    assert [part.text for part in found][1:] == ["One: a.", "Two.", "Text."] and found[3].heading == "Later"


def test_a_fact_is_filled_in_where_it_is_known_and_left_out_elsewhere(lookup: Lookup) -> None:
    known = facts.for_texts([BODY])
    first = passages(BODY)[0].text
    assert "Yours is Friday." in facts.fill(first, known, ("zip-19102",)).text
    nowhere = facts.fill(first, known, None)
    assert nowhere.lacks_place and nowhere.text == "The day depends on your street. More words."
    assert not facts.fill(first, known, ("zip-00000",)).lacks_place
    assert facts.sentences(first, known, ("zip-19102",)) == "Yours is Friday."
    assert "{{" not in facts.shown(BODY)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a,b\n1,2\n", "columns"),
        ("area,value\nnowhere,Monday\n", "no area"),
        ("area,value\nzip-19102,\n", "missing"),
        ("area,value\nzip-19102,a\nzip-19102,b\n", "twice"),
    ],
)
def test_a_bad_file_changes_nothing(lookup: Lookup, text: str, what: str) -> None:
    with pytest.raises(loading_facts.BadFacts, match=what):
        loading_facts.load(text, "day")
    assert list(Fact.objects.filter(lookup=lookup).values_list("value", flat=True)) == ["Friday"]


def test_staff_load_facts_from_a_file_and_see_them(client: Client, lookup: Lookup) -> None:
    permissions.create_roles()
    user = permissions.create_demo_users("a long password")[0]
    client.force_login(User.objects.get(username="communications"))
    file = SimpleUploadedFile("f.csv", b"area,value\nzip-19103,Monday\n")
    address = reverse("console:facts_of", args=["day"])
    assert client.post(address, {"file": file, "client_id": str(uuid4())}).status_code == 302
    page = client.get(address)
    assert b"Monday" in page.content and b"Friday" not in page.content
    bad = client.post(address, {"file": SimpleUploadedFile("f.csv", b"x"), "client_id": str(uuid4())})
    assert bad.status_code == 422 and b"Nothing was loaded" in bad.content
    client.force_login(user)  # the agent
    assert client.get(address).status_code == 403


def asked(account: object, words: str, n: int, **more: object) -> Question:
    """A question as care keeps it."""
    from openline.inbox.models import Conversation, Identity, Message, Resident

    now = timezone.now()
    resident = Resident.objects.create(created_at=now)
    identity = Identity.objects.create(resident=resident, network="file", network_user_id=str(n), handle=f"@{n}")
    conversation = Conversation.objects.create(
        account=account, identity=identity, thread=str(n), opened_at=now, last_message_at=now
    )
    message = Message.objects.create(
        conversation=conversation,
        account=account,
        direction="in",
        network_id=str(n),
        text=words,
        posted_at=now,
        kept_at=now,
    )
    given = {"outcome": Outcome.NONE, "language": "en", "text": words, "at": now} | more
    return Question.objects.create(message=message, conversation=conversation, **given)


def test_questions_without_an_article_are_grouped_a_few_at_a_time(tmp_path: object) -> None:
    account = city_account(f"{tmp_path}/net")
    for n, text in enumerate(["Where can I rent a kayak?", "where to rent kayaks", "Is there a chess club?"]):
        asked(account, text, n)
    assert gaps.group_new() == 3
    asked(account, "how much is it to rent a kayak", 9)
    assert gaps.group_new() == 1 and gaps.group_new() == 0
    first, second = gaps.most_asked(10)
    assert (first.group.count, first.week, second.group.count) == (3, 3, 1)


def test_a_gap_becomes_a_draft_once_and_is_not_public(tmp_path: object, client: Client) -> None:
    account = city_account(f"{tmp_path}/net")
    asked(account, "Where can I rent a kayak?", 1)
    gaps.group_new()
    group = QuestionGroup.objects.get()
    permissions.create_demo_users("a long password")
    client.force_login(User.objects.get(username="supervisor"))
    assert b"kayak" in client.get(reverse("console:gaps")).content
    for _ in range(2):
        client.post(reverse("console:gap", args=[group.pk]), {"client_id": str(uuid4())})
    draft = Article.objects.get(slug__startswith="where-can-i-rent")
    assert draft.state == ArticleState.DRAFT and "kayak" in draft.body and draft.versions.count() == 1
    assert drafting.draft(group, by=User.objects.get(username="supervisor")) == draft


def test_the_figures_count_what_was_answered_by_itself_and_for_good(tmp_path: object, client: Client) -> None:
    account = city_account(f"{tmp_path}/net")
    library, old = Article.objects.get(slug="library"), timezone.now() - timedelta(days=5)
    asked(account, "a", 1, outcome=Outcome.SENT, article=library, at=old, text="", helped=True)
    asked(account, "b", 2, outcome=Outcome.SENT, article=library, at=old, text="", helped=False)
    asked(account, "c", 3)
    Helpful.objects.create(article=library, day=timezone.localdate(), yes=4, no=1)
    [row, _none] = figures.rows("article", 7)
    assert (row.asked, row.sent_by_itself, row.helped, row.did_not_help, row.page_helped) == (2, 2, 1, 1, 4)
    assert row.deflected == 1  # the one that helped; who says that it did not is not done
    permissions.create_demo_users("a long password")
    client.force_login(User.objects.get(username="supervisor"))
    page = client.get(reverse("console:answer_figures"))
    assert page.status_code == 200 and b"By language" in page.content
    sheet = client.get(reverse("console:answer_figures"), {"as": "csv"}).content.decode()
    assert sheet.splitlines()[0].startswith("by,name,asked") and "Libraries" in sheet


def test_a_reader_says_whether_a_page_helped_and_finds_the_fact_of_an_address(client: Client, lookup: Lookup) -> None:
    Area.objects.get(code="zip-19102")
    article = Article.objects.create(slug="days", title="Days", body=BODY)
    page = client.get(reverse("portal:article", args=["days"])).content.decode()
    assert "Did this help?" in page and "{{" not in page and 'name="address"' in page
    for said in ("yes", "yes", "no", "maybe"):
        assert client.post(reverse("portal:helpful", args=["days"]), {"helped": said}).status_code == 302
    row = Helpful.objects.get(article=article)
    assert (row.yes, row.no) == (2, 1)
    found = client.get(reverse("portal:facts", args=["days"]), {"address": "1500 Market St"}).content.decode()
    assert "Yours is Friday." in found
    assert "could not find" in client.get(reverse("portal:facts", args=["days"]), {"address": "xyzzy"}).content.decode()
    Article.objects.filter(pk=article.pk).update(state="draft")
    assert client.get(reverse("portal:facts", args=["days"])).status_code == 404
    assert client.post(reverse("portal:helpful", args=["days"]), {"helped": "yes"}).status_code == 404
