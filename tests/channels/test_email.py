"""E-mail on Postfix and Dovecot: what is peculiar to it."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
import pytest

from openline.channels.accounts import NoKeeper
from openline.channels.base import (
    AccountRef,
    Incoming,
    NetworkDown,
    NotAllowed,
    Outgoing,
    OutgoingMedia,
    RateLimited,
    Receipt,
    Refused,
    Rejected,
    TokenExpired,
    Unclear,
)
from openline.channels.email import bodies, fetching, hearing, lookup, names, sending, writing
from openline.channels.email.channel import EmailChannel
from openline.channels.email.places import place
from openline.sandbox.servers import free_port
from tests.channels.conftest import listening
from tests.channels.faults import CUT_AFTER, CUT_BEFORE, FaultProxy
from tests.channels.nets.base import Memory, answer_to
from tests.channels.nets.email import DESK, EmailNet, start
from tests.servers.mail import PASSWORD, PEOPLE, RESIDENTS

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MARIA = f"maria@{RESIDENTS}"


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmailNet]:
    with start(tmp_path_factory.mktemp("email")) as running:
        yield running


@pytest.fixture
def channel() -> EmailChannel:
    return EmailChannel()


def words() -> str:
    return f"words {uuid.uuid4()}"


def to_maria(text: str, **more: Any) -> Outgoing:
    return Outgoing(text, "private", to_handle=more.pop("to_handle", MARIA), **more)


def send(net: EmailNet, outgoing: Outgoing, key: str = "", memory: Memory | None = None) -> Receipt:
    return net.channel.send(net.account, outgoing, key or words(), memory or Memory())


def received(net: EmailNet, receipt: Receipt, who: str = "maria") -> EmailMessage:
    """The mail as the resident has it."""
    net.arrived(receipt.network_id, who)
    [found] = [mail for mail in net.mails(who, "INBOX") if mail["Message-ID"] == receipt.network_id]
    return found


# The line that breaks


@contextmanager
def cutting(net: EmailNet, *, before: bool = False) -> Iterator[tuple[FaultProxy, AccountRef]]:
    """The line to Postfix breaks at its answer to the mail, or before it has the mail."""
    with FaultProxy(net.servers.smtp, net.is_send) as proxy, proxy.striking(CUT_BEFORE if before else CUT_AFTER):
        yield proxy, net.at(proxy.port, net.servers.imap)


def test_a_mail_whose_answer_was_lost_is_found_by_its_copy_and_not_sent_again(
    net: EmailNet, channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    outgoing, key, memory = to_maria(words()), words(), Memory()
    with cutting(net) as (proxy, account):
        with pytest.raises(Unclear):
            channel.send(account, outgoing, key, memory)
        assert len(proxy.struck) == 1
    found = channel.find_sent(net.account, outgoing, key, memory, LONG_AGO)
    assert found and channel.send(net.account, outgoing, key, memory) == found
    net.servers.settle()
    mails = [mail for mail in net.mails("maria", "INBOX") if mail["Message-ID"] == found.network_id]
    assert len(mails) == 1


def test_absence_proves_nothing_while_the_copy_may_be_on_its_way(
    net: EmailNet, channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "_LOOK_SECONDS", 0.3)
    outgoing, key, memory = to_maria(words()), words(), Memory()
    with cutting(net, before=True) as (proxy, account), pytest.raises(Unclear):
        channel.send(account, outgoing, key, memory)
    with pytest.raises(Unclear):
        channel.find_sent(net.account, outgoing, key, memory, LONG_AGO)
    monkeypatch.setattr(lookup, "SETTLE_SECONDS", 0.0)
    assert channel.find_sent(net.account, outgoing, key, memory, LONG_AGO) is None
    receipt = channel.send(net.account, outgoing, key, memory)
    assert received(net, receipt)


def test_a_second_try_has_a_time_of_its_own(
    net: EmailNet, channel: EmailChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a second try that breaks off would be judged by the age of the first."""
    monkeypatch.setattr(lookup, "_LOOK_SECONDS", 0.1)
    outgoing, key, memory = to_maria(words()), words(), Memory()
    memory.kept["try 1"] = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert channel.find_sent(net.account, outgoing, key, memory, LONG_AGO) is None
    with cutting(net, before=True) as (_proxy, account), pytest.raises(Unclear):
        channel.send(account, outgoing, key, memory)
    with pytest.raises(Unclear):
        channel.find_sent(net.account, outgoing, key, memory, LONG_AGO)


def test_a_broken_lookup_is_no_proof_of_absence(net: EmailNet, channel: EmailChannel) -> None:
    with pytest.raises(NetworkDown):
        channel.find_sent(net.at(net.servers.smtp, 1), to_maria("x"), "k", Memory(), LONG_AGO)


def test_nothing_is_sent_to_anybody_if_our_own_copy_is_not_taken(net: EmailNet, channel: EmailChannel) -> None:
    account = replace(net.account, handle="nobody@city.test")
    outgoing = to_maria(text := words())
    with pytest.raises(NotAllowed, match="copied"):
        channel.send(account, outgoing, words(), Memory())
    net.servers.settle()
    assert not any(text in str(mail.get_body(("plain",))) for mail in net.mails("maria", "INBOX"))


def test_copies_go_to_the_folder_for_sent_mail_and_are_not_heard(net: EmailNet, channel: EmailChannel) -> None:
    receipt = send(net, to_maria(text := words()))
    net.arrived(receipt.network_id)
    heard = net.hearing()
    assert not any(text in item.text for item in heard)
    assert [m for m in net.mails("help", "Sent") if m["Message-ID"] == receipt.network_id]
    assert not [m for m in net.mails("help", "INBOX") if m["Message-ID"] == receipt.network_id]
    assert channel.find_sent(net.account, to_maria(text), "other", Memory(), LONG_AGO) is None


# Threads


def test_a_resident_who_keeps_nothing_but_the_address_is_still_in_the_thread(net: EmailNet) -> None:
    net.post(text := words())
    first = net.heard(text)
    answer = received(net, send(net, answer_to(first, "where is it?")))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = MARIA, answer["Reply-To"], "new subject"
    message["Message-ID"] = f"<{uuid.uuid4()}@{RESIDENTS}>"
    message.set_content(reply := words())
    net.submit(message, to=str(answer["Reply-To"].addresses[0].addr_spec))
    found = net.heard(reply)
    assert found.thread == first.thread and not found.in_reply_to


def test_an_answer_carries_the_thread(net: EmailNet) -> None:
    net.post(text := words())
    first = net.heard(text)
    receipt = send(net, answer_to(first, "thank you"))
    mail = received(net, receipt)
    assert mail["Subject"] == "Re: Something in my street" and mail["In-Reply-To"] == first.network_id
    assert names.thread_of_our_mail(receipt.network_id) == first.thread
    assert names.thread_of_address(mail["Reply-To"].addresses[0].addr_spec) == first.thread
    again = answer_to(replace(first, references=("<a@x>", first.network_id), network_id=receipt.network_id), "and more")
    assert received(net, send(net, again))["References"] == f"<a@x> {first.network_id} {receipt.network_id}"


# Reports and machines


def test_a_bounce_from_the_residents_server_is_the_fate_of_our_mail(net: EmailNet) -> None:
    receipt = send(net, to_maria(words(), to_handle=f"gone@{RESIDENTS}"))
    until = time.monotonic() + 15
    while not (fates := [item for item in net.hearing() if item.kind == "receipt"]):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert [(fate.network_id, fate.status) for fate in fates] == [(receipt.network_id, "failed")]
    assert fates[0].reason.startswith("There is no such mailbox.") and "moved away" in fates[0].reason
    assert net.channel.parse(fates[0].raw) == fates[0]


def test_what_a_machine_writes_tells_other_machines_not_to_answer(net: EmailNet) -> None:
    mail = received(net, send(net, to_maria("news", automatic=True, unsubscribe="https://city.test/u/1")))
    assert mail["Auto-Submitted"] == "auto-generated" and mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["List-Unsubscribe"] == "<https://city.test/u/1>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    by_hand = received(net, send(net, to_maria("hello", unsubscribe="https://x.test/>\r\nBcc: a@b")))
    assert by_hand["Auto-Submitted"] is None and by_hand["List-Unsubscribe"] is None
    answered = received(net, send(net, to_maria("ok", automatic=True, in_reply_to="<a@x>")))
    assert answered["Auto-Submitted"] == "auto-replied"


# What goes out


def test_text_html_pictures_and_files_go_out_together(net: EmailNet) -> None:
    media = (
        OutgoingMedia("a", "image/png", "map.png", 'the "map" <here>'),
        OutgoingMedia("b", "application/pdf", "plan é.pdf", "the plan"),
        OutgoingMedia("c", "text/html", "page.html"),
    )
    text = "Ünser Plan 漢字:\n\n<b>1 & 2</b> https://city.test/a?b=1&c=2."
    receipt = send(
        net, to_maria(text, media=media, language="de"), memory=Memory({"a": b"PNG", "b": b"PDF", "c": b"<p>"})
    )
    mail = received(net, receipt)
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain and plain.get_content().replace("\r\n", "\n") == f'{text}\n\n[the "map" <here>]\n'
    html = page.get_content() if page else ""
    assert '<html lang="de">' in html and "&lt;b&gt;1 &amp; 2&lt;/b&gt;" in html
    assert '<a href="https://city.test/a?b=1&amp;c=2">' in html and 'alt="the &quot;map&quot; &lt;here&gt;"' in html
    files = {part.get_filename(): part.get_payload(decode=True) for part in mail.walk() if part.get_filename()}
    assert files == {"map.png": b"PNG", "plan é.pdf": b"PDF", "page.html": b"<p>"}
    assert mail["Content-Language"] == "de"


HOSTILE = "x\r\nBcc: victim@residents.test\r\n\r\nbody"


def test_no_value_can_add_a_line_to_the_head(net: EmailNet) -> None:
    outgoing = to_maria(
        "hello", subject=HOSTILE, in_reply_to=f"<a@x>{HOSTILE}", references=("<b@x>\r\nBcc: c@d", "<c@x>"),
        language=HOSTILE, media=(OutgoingMedia("a", f"image/png{HOSTILE}", HOSTILE, HOSTILE),),
    )  # fmt: skip
    account = replace(net.account, settings={**net.account.settings, "sender_name": HOSTILE})
    receipt = net.channel.send(account, outgoing, words(), Memory({"a": b"A"}))
    mail = received(net, receipt)
    assert mail["Bcc"] is None and len(mail.get_all("Message-ID")) == 1
    assert mail["Subject"] == "Re: x Bcc: victim@residents.test body"
    assert mail["In-Reply-To"] == "<c@x>" or mail["In-Reply-To"] is None
    assert str(mail["To"]) == MARIA


@pytest.mark.parametrize(
    "address",
    ["", "maria", "@x.test", "maria@", "a b@x.test", "a@x.test\r\nBcc: c@d.test", "a@b@x.test", "a@x..test",
     "<a@x.test>", "a,b@x.test", "a@-.test", "x" * 300 + "@x.test"],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_sent(net: EmailNet, address: str) -> None:
    with pytest.raises(Rejected) as raised:
        send(net, to_maria("x", to_handle=address))
    assert raised.value.field_name == "to_handle"


def test_an_international_domain_goes_as_dns_has_it() -> None:
    assert writing.recipient(to_maria("x", to_handle="jo@bücher.test")) == "jo@xn--bcher-kva.test"
    assert writing.recipient(to_maria("x", to_handle="юлия@почта.test")).startswith("юлия@xn--")


def test_a_name_beyond_ascii_needs_a_server_that_can(channel: EmailChannel) -> None:
    """aiosmtpd, since Dovecot's LMTP cannot take such mails."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    got: list[Any] = []

    class Keep:
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
            got.append(envelope)
            return "250 OK"

    def run(port: int, **options: Any) -> Controller:
        allow: Callable[..., AuthResult] = lambda *args: AuthResult(success=True)  # noqa: E731
        made = Controller(
            Keep(), hostname="127.0.0.1", port=port, authenticator=allow, auth_require_tls=False, **options
        )
        made.start()
        return made

    for can in (True, False):
        server = run(port := free_port(), enable_SMTPUTF8=can)
        account = AccountRef("e", DESK, "imap://127.0.0.1:1", {"password": "x"}, {"smtp": f"smtp://127.0.0.1:{port}"})
        try:
            if can:
                channel.send(account, to_maria("привет", to_handle="юлия@почта.test"), "k", Memory())
            else:
                with pytest.raises(Rejected):
                    channel.send(account, to_maria("привет", to_handle="юлия@почта.test"), "k", Memory())
        finally:
            server.stop()
    assert len(got) == 1 and got[0].rcpt_tos[0].startswith("юлия@xn--") and "To: юлия@xn--" in got[0].content.decode()


@pytest.mark.parametrize("text", [".", "..", ".x\n.\n..y", "a\n.", "x" * 3000, "QUIT\n.\nRSET"])
def test_no_line_ends_the_mail_early(net: EmailNet, text: str) -> None:
    mail = received(net, send(net, to_maria(text, subject="dots")))
    plain = mail.get_body(("plain",))
    assert plain and plain.get_content().replace("\r\n", "\n") == text + "\n"


# What the server refuses


@pytest.mark.parametrize(
    ("who", "error", "words"),
    [("full", Rejected, "Mailbox full"), ("nobody-here", Rejected, "User unknown"),
     ("busy", NetworkDown, "Mailbox busy"), ("held", RateLimited, "")],
)  # fmt: skip
def test_a_refused_recipient(net: EmailNet, who: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words or None):
        send(net, to_maria("x", to_handle=f"{who}@{RESIDENTS}"))


def test_the_servers_words_say_when_to_come_back() -> None:
    for said, minutes in (("try again in 7 minutes", 7), ("wait 120 seconds, too many", 2), ("too much mail", 5)):
        error = sending.refusal(450, said, sending._of_content)
        assert isinstance(error, RateLimited)
        assert abs(error.retry_at - datetime.now(UTC) - timedelta(minutes=minutes)) < timedelta(seconds=5)


def test_a_mail_too_large_for_the_server_is_refused_before_it_leaves(net: EmailNet) -> None:
    media = OutgoingMedia("a", "image/jpeg", "a.jpg")
    with pytest.raises(Rejected) as raised:
        send(net, to_maria("x", media=(media,)), memory=Memory({"a": b"x" * 3_000_000}))
    assert raised.value.field_name == "media"
    with pytest.raises(Rejected) as raised:
        send(net, to_maria("x", media=(media,)), memory=Memory({"a": b"x" * 26_000_000}))
    assert raised.value.field_name == "media"


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (421, "4.7.0 Too many connections, try again later", RateLimited),
        (450, "4.7.28 our system has detected an unusual rate", RateLimited),
        (451, "4.3.0 local error", NetworkDown),
        (450, "4.7.1 greylisted to separate corporate spam", NetworkDown),
        (452, "4.5.3 too many recipients", RateLimited),
        (530, "5.7.0 Authentication required", TokenExpired),
        (554, "5.7.1 spam", Rejected),
    ],
)
def test_what_an_answer_means(code: int, said: str, expected: type[Exception]) -> None:
    assert type(sending.refusal(code, said, sending._of_content)) is expected


def test_a_server_that_takes_no_more_for_now_says_so(net: EmailNet) -> None:
    with net.limited() as account, pytest.raises(RateLimited) as raised:
        for _ in range(3):
            net.channel.send(account or net.account, to_maria(words()), words(), Memory())
    assert raised.value.retry_at > datetime.now(UTC) and "too much mail" in raised.value.reason


def test_an_edit_is_not_possible(net: EmailNet) -> None:
    with pytest.raises(NotAllowed):
        send(net, to_maria("x", action="edit", about="<a@x>"))


# Hearing


def test_a_mailbox_that_gives_all_mails_new_ids_loses_and_doubles_nothing(net: EmailNet) -> None:
    before = net.post(words())
    cursor = net.channel.poll(net.account, "").cursor
    marks = orjson.loads(cursor)
    validity, uid, day = marks["INBOX"].split(":")
    other = orjson.dumps({"INBOX": f"{int(validity) - 1}:{int(uid) + 500}:{day}"}).decode()
    after = net.post(words())
    heard = net.hearing(cursor=other)
    assert {before, after} <= {item.network_id for item in heard}
    assert len({item.event_id for item in heard}) == len(heard)


def test_moved_and_expunged_mails_change_nothing(net: EmailNet) -> None:
    ids = [net.post(words()) for _ in range(4)]
    cursor = net.channel.poll(net.account, "").cursor
    new = [net.post(words()) for _ in range(3)]
    with net.reading("help") as line:
        for number, one in enumerate((ids[3], new[0], new[1])):
            [found] = line.search(None, "HEADER", "Message-ID", one)[1]
            if number == 1:
                line.copy(found, "Junk")
            line.store(found, "+FLAGS", "\\Deleted")
        line.expunge()
    heard = net.hearing(cursor=cursor)
    assert [item.network_id for item in heard] == [new[2]]
    with_junk = replace(net.account, settings={**net.account.settings, "folders": "Junk"})
    assert new[0] in [item.network_id for item in net.hearing(with_junk, cursor)]


def test_reading_leaves_the_mailbox_as_it_was(net: EmailNet) -> None:
    identifier = net.post(words())
    net.hearing()
    with net.reading("help") as line:
        assert line.search(None, "UNSEEN", "HEADER", "Message-ID", identifier)[1][0]


def test_raw_is_the_very_mail(net: EmailNet) -> None:
    net.post(text := words())
    raw = net.heard(text).raw
    files = [path for path in (net.servers.folder / "mail/help").rglob("*") if path.is_file()]
    assert any(path.read_bytes().replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n") for path in files)


def test_idle_tells_at_once_and_the_line_is_proved_anew(net: EmailNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "IDLE_SECONDS", 0.8)
    cursor = net.channel.poll(net.account, "").cursor
    with listening(net.channel, net.account, cursor) as listener:
        for _ in range(3):
            net.post(text := words())
            listener.hears(text)
            time.sleep(0.5)


def test_without_idle_the_mailbox_is_asked(net: EmailNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "POLL_SECONDS", 0.2)
    monkeypatch.setattr("imapclient.IMAPClient.has_capability", lambda self, name: False)
    cursor = net.channel.poll(net.account, "").cursor
    with listening(net.channel, net.account, cursor) as listener:
        net.post(text := words())
        listener.hears(text)


def test_a_server_that_goes_away_while_it_is_listened_to(net: EmailNet) -> None:
    cursor = net.channel.poll(net.account, "").cursor
    with listening(net.channel, net.account, cursor) as listener:
        net.post(text := words())
        listener.hears(text)
        with net.away():
            until = time.monotonic() + 10
            while not listener.error and time.monotonic() < until:
                time.sleep(0.05)
            assert isinstance(listener.error, NetworkDown)


def test_a_mail_too_large_to_read_is_said_and_holds_nothing_up(net: EmailNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 5_000)
    cursor = net.channel.poll(net.account, "").cursor
    net.post("x" * 20 + "\n" + "many words\n" * 1_000)
    after = net.post(words())
    heard = net.channel.poll(net.account, cursor)
    refused, item = heard.items
    assert isinstance(refused, Refused) and b"Message-ID" in refused.raw and "5,000" in refused.reason
    assert isinstance(item, Incoming) and item.network_id == after


def test_a_folder_of_old_mails_with_new_ids_is_not_read_from_its_beginning(net: EmailNet) -> None:
    """Mails of years ago would be answered."""
    net.post(words())
    long_ahead = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    other = orjson.dumps({"INBOX": f"1:7:{long_ahead}"}).decode()
    heard = net.channel.poll(net.account, other)
    assert heard.items == () and net.channel.poll(net.account, heard.cursor).items == ()
    new = net.post(words())
    assert [item.network_id for item in net.hearing(cursor=heard.cursor)] == [new]


@pytest.mark.parametrize("folder", ["INBOX", "Junk"])
def test_a_mail_that_the_server_cannot_hand_out_stops_nothing(net: EmailNet, folder: str) -> None:
    """Dovecot ends the line over a file that it may not read."""
    account = replace(net.account, settings={**net.account.settings, "folders": "Junk"})
    cursor = net.channel.poll(account, "").cursor
    before, mark = net.post(words()), words()
    with net.reading("help") as line:
        line.append(folder, "", "", f"From: {MARIA}\r\nMessage-ID: <{mark[6:]}@x>\r\n\r\n{mark}\r\n".encode())
    after = net.post(words())
    found = [path for path in (net.servers.folder / "mail/help").rglob("*.*") if path.is_file()]
    [file] = [path for path in found if mark.encode() in path.read_bytes()]
    file.write_bytes(b"")
    file.chmod(0o000)
    try:
        with listening(net.channel, account, cursor) as listener:
            listener.wait(lambda item: getattr(item, "network_id", "") == after)
        refused = [item for item in listener.items if isinstance(item, Refused)]
        assert len(refused) == 1 and "cannot hand out" in refused[0].reason
        assert [item.network_id for item in listener.items if isinstance(item, Incoming)] == [before, after]
    finally:  # by now it may have another name
        for path in (net.servers.folder / "mail/help").rglob(f"{file.name.split(',')[0]}*"):
            path.unlink()


def test_portions_are_bounded_by_number_and_bytes(net: EmailNet, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = net.channel.poll(net.account, "").cursor
    ids = net.backlog(7)
    monkeypatch.setattr(fetching, "PORTION", 3)
    assert len(net.channel.poll(net.account, cursor).items) == 3
    assert [item.network_id for item in net.hearing(cursor=cursor)] == ids
    monkeypatch.setattr(fetching, "PORTION_BYTES", 300)
    assert len(net.channel.poll(net.account, cursor).items) < 3
    assert [item.network_id for item in net.hearing(cursor=cursor)] == ids


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", "{}", '{"INBOX": 7}', '{"INBOX": "x:y:z"}', '{"INBOX": "1"}'])
def test_a_cursor_that_is_none_begins_anew(net: EmailNet, cursor: str) -> None:
    net.post(text := words())
    assert any(text in item.text for item in net.hearing(cursor=cursor))


# Logins and lines


def test_tokens_are_renewed_under_the_keeper_and_a_used_one_is_not_asked_for_again(net: EmailNet) -> None:
    expired = net.expiring()
    keeper = NoKeeper(expired.credentials)
    account = replace(expired, keeper=keeper)
    asked = len(net.tokens.asked)
    net.channel.check(account)
    net.channel.poll(account, "")
    assert len(net.tokens.asked) == asked + 1
    kept = keeper.renew(dict)
    assert kept["access_token"] != expired.credentials["access_token"] and kept["expires_at"]
    assert kept["refresh_token"] == net.tokens.refresh["help"] != expired.credentials["refresh_token"]


def test_a_token_near_its_end_is_renewed_before_it_is_refused(net: EmailNet) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    account = net.by_token(net.tokens.make("help"), expires_at=soon)
    asked = len(net.tokens.asked)
    net.channel.poll(replace(account, keeper=NoKeeper(account.credentials)), "")
    assert len(net.tokens.asked) == asked + 1


def test_an_app_logs_in_as_itself_without_a_refresh_token(net: EmailNet) -> None:
    account = net.by_token("", refresh_token="")
    net.channel.poll(replace(account, keeper=NoKeeper(account.credentials)), "")
    assert net.tokens.asked[-1]["grant_type"] == "client_credentials"


def test_a_provider_that_refuses_is_told_from_one_that_is_away(net: EmailNet, monkeypatch: pytest.MonkeyPatch) -> None:
    used = net.by_token("", refresh_token="used-before")
    with pytest.raises(TokenExpired, match="used before"):
        net.channel.check(replace(used, keeper=NoKeeper(used.credentials)))
    monkeypatch.setattr(net.tokens, "failing", 503)
    with pytest.raises(NetworkDown):
        net.channel.check(net.expiring())


@pytest.mark.parametrize("secured", ["imaps smtps", "imap+tls smtp+tls"])
def test_lines_are_secured_and_certificates_checked(
    net: EmailNet, monkeypatch: pytest.MonkeyPatch, secured: str
) -> None:
    imap, smtp = secured.split()
    ports = net.servers.ports
    where = {"imaps": ports["imaps"], "imap+tls": ports["imap"], "smtps": ports["smtps"], "smtp+tls": ports["smtp"]}
    settings = {**net.account.settings, "smtp": f"{smtp}://127.0.0.1:{where[smtp]}"}
    account = replace(net.account, server=f"{imap}://127.0.0.1:{where[imap]}", settings=settings)
    with pytest.raises(NetworkDown, match="certificate"):
        net.channel.check(account)
    with pytest.raises(NetworkDown, match="certificate"):
        net.channel.send(account, to_maria("x"), "k", Memory())
    monkeypatch.setenv("SSL_CERT_FILE", str(net.servers.folder / "cert.pem"))
    assert net.channel.check(account).author_id == DESK
    assert received(net, net.channel.send(account, to_maria(words()), words(), Memory()))


def test_passwords_never_travel_in_the_clear_to_another_machine() -> None:
    for plain in ("imap://mail.city.test", "imap://10.0.0.1:143"):
        with pytest.raises(Rejected):
            place(plain, "imap")
    with pytest.raises(Rejected):
        place("smtp://mail.city.test", "smtp")
    assert place("mail.city.test", "imap").security == "tls" and place("mail.city.test", "imap").port == 993
    assert (place("mail.city.test:2525", "smtp").security, place("mail.city.test:2525", "smtp").port) == (
        "starttls",
        2525,
    )
    for nonsense in ("", "https://x.test", "imaps://", "imaps://u:p@x.test", "imaps://x.test:99999", "smtps://x.test"):
        with pytest.raises(Rejected):
            place(nonsense, "imap")


def test_a_server_that_says_no_tls_is_not_spoken_to_without(net: EmailNet) -> None:
    """A machine in between that strips STARTTLS gets no password."""
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            line, _address = listener.accept()
            line.sendall(b"220 x\r\n")
            while data := line.recv(4096):
                heard.append(data)
                line.sendall(b"250 x\r\n" if data.upper().startswith((b"EHLO", b"HELO")) else b"502 no\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        settings = {**net.account.settings, "smtp": f"smtp+tls://127.0.0.1:{listener.getsockname()[1]}"}
        with pytest.raises(NetworkDown):
            net.channel.send(replace(net.account, settings=settings), to_maria("x"), "k", Memory())
    assert not any(b"AUTH" in data.upper() for data in heard)


def test_a_password_that_no_login_takes_is_said(net: EmailNet) -> None:
    with pytest.raises(TokenExpired, match="ASCII"):
        net.channel.check(net.at(net.servers.smtp, net.servers.imap, "pässword"))


def test_secrets_stand_in_no_error_and_no_log(net: EmailNet, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(TokenExpired) as raised:
        net.channel.check(net.at(net.servers.smtp, net.servers.imap, "s3cret-word"))
    net.channel.poll(net.account, "")
    assert "s3cret-word" not in f"{raised.value!r}" and "s3cret-word" not in caplog.text and PASSWORD not in caplog.text


# Connecting


def values(net: EmailNet, **more: str) -> dict[str, str]:
    servers = {"server": net.account.server, "smtp": net.account.settings["smtp"]}
    return (
        {"handle": DESK, "sender_name": "City Help", "user": "help", "password": PASSWORD, "subaddresses": "yes"}
        | servers
        | more
    )


def test_connecting_and_trying_out(net: EmailNet, channel: EmailChannel) -> None:
    made = channel.connect(values(net))
    assert (made.handle, made.who.author_id, made.credentials) == (DESK, DESK, {"password": PASSWORD})
    account = AccountRef("e", made.handle, made.server, dict(made.credentials), made.settings)
    told = channel.try_out(account, "a test", words())
    assert "help+r" in told and "seconds" in told
    receipt = channel.send(account, to_maria(words()), words(), Memory())
    assert received(net, receipt)["From"] == "City Help <help@city.test>"


def test_trying_out_says_if_the_server_knows_no_subaddresses(net: EmailNet, channel: EmailChannel) -> None:
    account = replace(net.account, handle="parks@city.test", settings={**net.account.settings, "user": "parks"})
    with pytest.raises(Rejected, match="switch off"):
        channel.try_out(account, "a test", words())
    plain = channel.connect(values(net, subaddresses=""))
    assert "help@city.test" in channel.try_out(replace(net.account, settings=plain.settings), "a test", words())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"handle": "help"}, "handle"), ({"server": "imap://far.test"}, "server"), ({"smtp": ""}, "smtp"),
     ({"password": ""}, "password"), ({"auth": "oauth", "token_url": "http://far.test"}, "token_url"),
     ({"auth": "oauth", "token_url": "https://x.test"}, "client_id")],
)  # fmt: skip
def test_what_is_filled_in_wrongly_is_named(
    net: EmailNet, channel: EmailChannel, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(Rejected) as raised:
        channel.connect(values(net, **wrong))
    assert raised.value.field_name == field


def test_connecting_by_token_keeps_the_new_ones(net: EmailNet, channel: EmailChannel) -> None:
    given = values(net, auth="oauth", token_url=net.tokens.address, client_id="openline", client_secret="s3cret",
                   refresh_token=net.tokens.refresh["help"])  # fmt: skip
    made = channel.connect(given)
    assert made.credentials["access_token"] and made.credentials["refresh_token"] == net.tokens.refresh["help"]
    assert set(made.credentials) <= {*channel.secrets}


@pytest.fixture
def names_of_city(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A name server on loopback with the records that a test puts in."""
    import dns.message
    import dns.resolver
    import dns.rrset

    records: dict[str, str] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    data, asker = line.recvfrom(4096)
                    question = dns.message.from_wire(data)
                    answer = dns.message.make_response(question)
                    name = question.question[0].name.to_text().rstrip(".")
                    if name in records:
                        answer.answer.append(dns.rrset.from_text(name + ".", 60, "IN", "TXT", f'"{records[name]}"'))
                    line.sendto(answer.to_wire(), asker)

        threading.Thread(target=serve, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], line.getsockname()[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        yield records


def test_what_the_dns_lacks_is_found(net: EmailNet, channel: EmailChannel, names_of_city: dict[str, str]) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = (
        DESK,
        DESK,
        "own",
        f"<{words()[6:]}@city.test>",
    )
    message["DKIM-Signature"] = "v=1; a=rsa-sha256; d=city.test; s=s1; h=from; bh=x; b=x"
    message["Authentication-Results"] = "mx.city.test; spf=pass"
    message.set_content("x")
    with net.reading("help") as line:
        line.append("Sent", "", "", message.as_bytes())
        line.append("INBOX", "", "", message.as_bytes().replace(b"From: help@city.test", b"From: maria@residents.test"))
    findings = {finding.words.split(":")[0]: finding for finding in channel.inspect(net.account)}
    assert not any(findings[name].good for name in ("SPF", "DMARC", "DKIM"))
    assert any("mx.city.test" in finding.words and not finding.good for finding in findings.values())
    names_of_city |= {"city.test": "v=spf1 mx -all", "_dmarc.city.test": "v=DMARC1; p=reject"}
    names_of_city["s1._domainkey.city.test"] = "v=DKIM1; k=rsa; p=MIGf"
    trusting = replace(net.account, settings={**net.account.settings, "authserv": "mx.city.test"})
    assert all(finding.good for finding in channel.inspect(trusting)), channel.inspect(trusting)
    names_of_city["_dmarc.city.test"] = "v=DMARC1; p=none"
    names_of_city["s1._domainkey.city.test"] = "v=DKIM1; p="
    assert sum(not finding.good for finding in channel.inspect(trusting)) == 2


def test_the_worker_does_not_carry_what_only_an_inspection_needs() -> None:
    import subprocess
    import sys

    program = "import sys, openline.channels.email.channel; print('dns' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip() == "False"


def test_files_of_one_mail_are_fetched_from_what_was_heard(net: EmailNet) -> None:
    net.post(text := words(), photos=(b"JPEG" * 100,))
    item = net.heard(text)
    assert net.channel.fetch(net.account, item.raw, item.media[0], 1_000) == b"JPEG" * 100
    assert bodies.fetch(item.raw, 99, 10) is None


def test_everybody_has_a_mailbox(net: EmailNet, tmp_path: Path) -> None:
    """The residents of the tests are real ones: each reads what was sent to them."""
    for who in PEOPLE[1:3]:
        assert received(net, send(net, to_maria(words(), to_handle=f"{who}@{RESIDENTS}")), who)
