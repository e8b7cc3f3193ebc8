"""WordPress through the city's rooms: a comment is answered once in its thread, a link from elsewhere never."""

from __future__ import annotations

import uuid

import pytest

from openline.accounts.models import Account
from openline.care import process
from openline.inbox import receiving
from openline.inbox.models import Direction, Message
from openline.outbox import sending
from openline.outbox.models import Delivery
from tests.channels.nets.wordpress import WordPressNet

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(net: WordPressNet, philadelphia: None) -> Account:
    made = Account(network="wordpress", handle="news.city.example", server=net.site.home)
    made.settings, made.cursor = dict(net.account.settings), net.position()
    made.credentials = net.account.credentials
    made.save()
    return made


def go_round(net: WordPressNet, account: Account) -> None:
    """Hear, understand, answer: as the worker does."""
    account.refresh_from_db()
    receiving.receive(account.pk, net.channel.poll(account.ref(), account.cursor))
    while process.process():
        pass
    while sending.send_next(1):
        pass


def test_a_comment_is_answered_in_its_thread_and_what_follows_belongs_to_it(
    net: WordPressNet, account: Account
) -> None:
    name = net.post(f"There is a big pothole, cars swerve around it. {uuid.uuid4()}")
    go_round(net, account)
    first = Message.objects.get(network_id=name)
    answer = Message.objects.filter(conversation=first.conversation, direction=Direction.OUT).first()
    assert answer and answer.network_id, Delivery.objects.values_list("error", flat=True)
    [said] = [said for said in net.thread(name) if said.by_city]
    assert (said.network_id, said.in_reply_to) == (answer.network_id, name)
    further = net.post("Broad and Snyder", in_reply_to=answer.network_id)
    go_round(net, account)
    second = Message.objects.get(network_id=further)
    assert second.conversation_id == first.conversation_id
    assert not [one for one in Message.objects.filter(direction=Direction.IN) if one.network_id == answer.network_id]


def test_a_link_from_another_site_is_kept_and_never_answered(net: WordPressNet, account: Account) -> None:
    code = """return wp_insert_comment(['comment_post_ID' => 1, 'comment_type' => 'pingback',
                'comment_author' => 'Blog', 'comment_author_url' => 'https://blog.example/1',
                'comment_content' => 'There is a big pothole at Broad and Snyder.']);"""
    name = f"comment:{net.site.php(code)}"
    go_round(net, account)
    kept = Message.objects.get(network_id=name)
    assert kept.url == "https://blog.example/1"
    assert not Message.objects.filter(conversation=kept.conversation, direction=Direction.OUT).exists()


def test_a_comment_marked_as_spam_is_shown_as_taken_back(net: WordPressNet, account: Account) -> None:
    name = net.post(text := f"Buy this {uuid.uuid4()}")
    go_round(net, account)
    net.site.php("return wp_spam_comment($id);", id=int(name.removeprefix("comment:")))
    go_round(net, account)
    message = Message.objects.get(network_id=name)
    assert message.deleted_at and message.text == text
