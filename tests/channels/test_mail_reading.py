"""Mails of every kind, read: threads, machines, reports, files, characters, and what nobody sane would send."""

from __future__ import annotations

import base64
import os
import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.channels.base import AccountRef, Incoming, Refused, Rejected
from openline.channels.email import names
from openline.channels.email.channel import EmailChannel
from openline.channels.email.reading import parse
from tests.channels.mails.letters import letter

CHANNEL = EmailChannel()
ACCOUNT = AccountRef("e", "help@city.test", "imap://127.0.0.1", {})
THREAD = names.thread_of("<root@residents.test>")
OURS = names.message_id("help@city.test", "key-1", THREAD)


def read(raw: bytes, **settings: str) -> Incoming:
    found = CHANNEL.read(raw, settings)
    assert isinstance(found, Incoming), found
    return found


# Threads


def test_a_first_mail_begins_a_thread_and_its_sender_is_the_address_in_small_letters() -> None:
    item = read(letter(plain="a hole"))
    assert (item.author_id, item.author_handle) == ("maria@residents.test", "Maria@Residents.test")
    assert item.author_name == "Maria Example" and item.visibility == "private" and item.subject == "pothole"
    assert item.thread == names.thread_of("<m1@residents.test>") and not item.in_reply_to and not item.references
    assert item.posted_at == datetime(2026, 11, 23, 15, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "more",
    [
        (f"In-Reply-To: {OURS}", f"References: <root@residents.test> {OURS}"),
        (f"In-Reply-To: {OURS}",),
        (f"References: <other@x.test> {OURS}",),
        (f"References: <other@x.test> {OURS.upper()}",),
    ],
)
def test_any_name_of_ours_that_is_left_finds_the_thread(more: tuple[str, ...]) -> None:
    assert read(letter(plain="yes", identifier="<m2@residents.test>", more=more)).thread == THREAD


@pytest.mark.parametrize("field", ["To", "Cc", "Delivered-To", "X-Original-To"])
def test_the_address_alone_finds_the_thread(field: str) -> None:
    to = names.reply_address("Help@city.test", THREAD)
    item = read(letter(plain="yes", to="x@y.test", identifier="<m3@r.test>", more=(f"{field}: Desk <{to.upper()}>",)))
    assert item.thread == THREAD


def test_nobody_can_make_up_an_address_or_an_id_of_ours() -> None:
    good = names.reply_address("help@city.test", THREAD)
    other = names.thread_of("<another@residents.test>").removeprefix("mail:")
    swapped = good.replace(THREAD.removeprefix("mail:"), other)
    elsewhere = good.replace("help", "parks")
    assert names.thread_of_address(good) == THREAD
    for forged in (swapped, elsewhere, good[:-12] + "a@city.test", "help+r@city.test", "", "x"):
        assert names.thread_of_address(forged) == ""
    assert names.thread_of_our_mail(OURS) == THREAD
    assert names.thread_of_our_mail(OURS.replace("city.test", "evil.test")) == ""
    assert names.thread_of_our_mail(OURS.replace(THREAD.removeprefix("mail:"), other)) == ""


def test_an_older_key_of_the_installation_still_counts(settings: object) -> None:
    address, settings.SECRET_KEY_FALLBACKS = names.reply_address("help@city.test", THREAD), [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "a new one"  # type: ignore[attr-defined]
    assert names.thread_of_address(address) == THREAD and names.thread_of_our_mail(OURS) == THREAD
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    assert names.thread_of_address(address) == ""


def test_a_long_address_goes_without_a_seal_rather_than_break_the_rules() -> None:
    long = "a" * 40 + "@city.test"
    assert names.reply_address(long, THREAD) == long


def test_above_stand_the_mails_that_are_answered_the_parent_last() -> None:
    more = ("In-Reply-To: <b@x>", "References: <a@x> <b@x>\r\n <c@x>")
    item = read(letter(plain="yes", identifier="<d@x>", more=more))
    assert item.references == ("<a@x>", "<c@x>") and item.in_reply_to == "<b@x>"


@pytest.mark.parametrize(
    "subject", ["Re: pothole", "RE: AW: Re[2]: pothole", "回复：pothole", "Отв: pothole", "Trả lời: pothole"]
)
def test_a_subject_is_kept_without_re(subject: str) -> None:
    assert read(letter(plain="x", subject=subject)).subject == "pothole"


def test_a_mail_of_a_subject_alone_says_its_subject() -> None:
    assert read(letter(plain=" ", subject="Lamp out at 5th and Main")).text == "Lamp out at 5th and Main"


def test_copies_of_one_mail_are_one_mail_even_without_an_id() -> None:
    one = letter(plain="a hole", identifier="", more=("Received: by a", "Delivered-To: help@city.test"))
    two = letter(plain="a hole", identifier="", more=("Received: by b", "Delivered-To: parks@city.test"))
    other = letter(plain="another hole", identifier="")
    assert read(one).event_id == read(two).event_id != read(other).event_id


# Machines


@pytest.mark.parametrize(
    ("more", "sign"),
    [
        ("Auto-Submitted: auto-replied (vacation)", "Auto-Submitted"),
        ("X-Auto-Response-Suppress: All", "X-Auto-Response-Suppress"),
        ("X-Autoreply: yes", "X-Autoreply"),
        ("Precedence: bulk", "Precedence"),
        ("List-Id: Neighbours <list.x.test>", "List-Id"),
        ("List-Unsubscribe: <https://x.test/u>", "List-Unsubscribe"),
        ("Return-Path: <>", "Return-Path"),
        ("\r\n".join(["Received: by x"] * 31), "Received"),
    ],
)
def test_machines_are_known_by_their_signs(more: str, sign: str) -> None:
    item = read(letter(plain="I am away", more=(more,)))
    assert item.automatic and item.facts["automatic"] == sign


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@x.test", "no-reply@x.test", "DoNotReply@x.test", "bounces+1@x.test"])
def test_senders_that_nobody_reads_are_machines(sender: str) -> None:
    assert read(letter(plain="x", sender=sender)).automatic


@pytest.mark.parametrize(
    "more", ["Auto-Submitted: no", "X-Auto-Response-Suppress: DR", "Return-Path: <maria@residents.test>", "X-Mailer: x"]
)
def test_people_are_no_machines(more: str) -> None:
    assert not read(letter(plain="x", more=(more,))).automatic


AWAY = ["Automatic reply: x", "Respuesta automática: x", "Réponse automatique : x", "Resposta automática",
        "Автоответ: x", "自动回复: x", "Trả lời tự động: x",
        "رد تلقائي: x", "Out of office", "Abwesenheitsnotiz"]  # fmt: skip


@pytest.mark.parametrize("subject", AWAY)
def test_a_subject_is_a_sign_only_in_an_answer_to_us(subject: str) -> None:
    assert read(letter(plain="x", subject=subject, more=(f"In-Reply-To: {OURS}",))).automatic
    assert not read(letter(plain="x", subject=subject)).automatic


# Reports


def report(
    action: str = "failed", status: str = "5.1.1", said: str = "550 5.1.1 no such user", about: str = OURS
) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.test\r\nTo: help@city.test\r\nSubject: Undelivered\r\nMessage-ID: <r1@mx.test>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\nReturn-Path: <>\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; gone@residents.test\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; {said}\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: help@city.test\r\nMessage-ID: {about}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


def test_a_bounce_is_the_fate_of_our_mail_with_its_reason_in_words() -> None:
    item = read(report())
    assert (item.kind, item.status, item.network_id, item.event_id) == ("receipt", "failed", OURS, "<r1@mx.test>")
    assert item.reason == "There is no such mailbox. gone@residents.test: 550 5.1.1 no such user" and item.automatic


def test_a_full_mailbox_is_told_by_the_finer_code() -> None:
    assert read(report(status="5.0.0", said="552 5.2.2 over quota")).reason.startswith("The mailbox is full.")


def test_delivery_is_a_fate_and_delay_is_not() -> None:
    assert read(report("delivered", "2.0.0", "250 ok")).status == "delivered"
    late = read(report("delayed", "4.4.1", "421 try later"))
    assert late.kind == "post" and late.automatic


def test_a_bounce_of_our_own_copy_is_not_the_fate_of_the_residents_mail() -> None:
    item = read(report().replace(b"rfc822; gone@residents.test", b"rfc822; Help@city.test"))
    assert item.kind == "post" and item.automatic


def test_a_bounce_of_what_we_did_not_send_is_no_fate_of_ours() -> None:
    """Somebody sent mails in our name (backscatter)."""
    item = read(report(about="<forged@city.test>"))
    assert item.kind == "post" and item.automatic


def test_a_bounce_in_a_servers_own_form_is_known_by_our_id_in_it() -> None:
    words = f"This user is unknown (#5.1.1).\n\n--- Below this line is a copy of the message.\n\nMessage-ID: {OURS}\n"
    item = read(
        letter(plain=words, sender="MAILER-DAEMON@old.test", subject="failure notice", more=("Return-Path: <>",))
    )
    assert (item.kind, item.status, item.reason) == ("receipt", "failed", "There is no such mailbox.")


def test_a_resident_who_quotes_our_id_reports_nothing() -> None:
    assert read(letter(plain=f"550 5.1.1 Message-ID: {OURS}")).kind == "post"


def test_a_mail_that_was_opened_is_a_delivered_one() -> None:
    raw = report().replace(b"report-type=delivery-status", b"report-type=disposition-notification")
    assert read(raw).status == "delivered"


# What the city's server found out


GOOD = (
    "Authentication-Results: mx.city.test; dkim=pass (2048-bit key) header.d=residents.test;"
    " spf=pass smtp.mailfrom=x@residents.test;\r\n dmarc=pass (p=REJECT) header.from=residents.test"
)
FORGED = "Authentication-Results: mx.evil.test; dkim=pass header.d=bank.test; dmarc=pass"


def test_only_a_trusted_servers_findings_count() -> None:
    raw = letter(plain="x", more=(GOOD, FORGED))
    facts = read(raw, authserv="mx.city.test").facts
    assert facts == {
        "dkim": "pass (residents.test)",
        "spf": "pass (x@residents.test)",
        "dmarc": "pass (residents.test)",
    }
    assert CHANNEL.parse(raw) == parse(raw) and not read(raw).facts


def test_of_several_findings_the_topmost_counts_and_one_good_signature_is_enough() -> None:
    top = "Authentication-Results: mx.city.test; dkim=fail header.d=a.test; dkim=pass header.d=b.test; dmarc=fail"
    below = "Authentication-Results: mx.city.test; dmarc=pass; spf=pass"
    facts = read(letter(plain="x", more=(top, below)), authserv="MX.city.test.").facts
    assert facts == {"dkim": "pass (b.test)", "dmarc": "fail", "spf": "pass"}


# Files


def with_files(*parts: str, html: str = "<p>see</p>") -> bytes:
    head = "From: m@r.test\r\nSubject: x\r\nMessage-ID: <f@r.test>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    body = f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n"
    return (head + body + "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n").encode()


JPEG = "Content-Type: image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n\r\n" + "QUJD" * 2000


def test_attachments_are_named_and_fetched_from_the_mail() -> None:
    raw = with_files(
        JPEG.format(more="Content-Disposition: attachment; filename=a.jpg"),
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''plan%20%C3%A9.pdf\r\n\r\nPDF",  # noqa: E501
        "Content-Type: message/rfc822\r\n\r\nFrom: ana@x.test\r\nSubject: inner mail\r\n\r\ninner words",
    )
    item = read(raw)
    assert [(m.kind, m.alt) for m in item.media] == [("image", ""), ("file", "plan é.pdf"), ("file", "inner mail")]
    image, pdf, inner = (CHANNEL.fetch(ACCOUNT, raw, media, 10_000) for media in item.media)
    assert image == b"ABC" * 2000 and pdf == b"PDF" and inner and b"inner words" in inner
    with pytest.raises(Rejected):
        CHANNEL.fetch(ACCOUNT, raw, item.media[0], 5_999)
    assert "inner words" not in item.text


def test_large_files_cost_little_memory_and_come_whole() -> None:
    files = [os.urandom(12_000_000), os.urandom(7_000_000), os.urandom(900_000)]
    parts = [
        "Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename={n}.jpg\r\n\r\n"
        + base64.encodebytes(file).decode().replace("\n", "\r\n")
        for n, file in enumerate(files)
    ]
    raw = with_files(*parts, "Content-Type: text/plain\r\n\r\nx\n-openline-cut-1-2-")
    tracemalloc.start()
    item = read(raw)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert item.raw == raw and peak < 60_000_000, f"{peak:,} bytes for a mail of {len(raw):,}"
    assert [CHANNEL.fetch(ACCOUNT, raw, media, 12_000_000) for media in item.media] == files
    for media, file in zip(item.media, files, strict=True):
        with pytest.raises(Rejected):
            CHANNEL.fetch(ACCOUNT, raw, media, len(file) - 1)


def test_inline_pictures_bring_their_descriptions_and_logos_stay_out() -> None:
    photo = JPEG.format(more="Content-ID: <p1>\r\nContent-Disposition: inline")
    logo = "Content-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD"
    quoted = JPEG.format(more="Content-ID: <q1>\r\nContent-Disposition: inline")
    html = (
        '<p>see<img src="cid:p1" alt="A hole &amp; a bike"><img src=cid:logo></p>'
        '<blockquote type="cite"><img src="cid:q1"></blockquote>'
    )
    assert [media.alt for media in read(with_files(photo, logo, quoted, html=html)).media] == ["A hole & a bike"]


def test_what_cannot_be_read_is_said() -> None:
    winmail = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Disposition: attachment\r\n\r\nx"
    item = read(with_files(winmail))
    assert "winmail.dat" in item.facts and [media.kind for media in item.media] == ["file"]
    sealed = letter(plain="x", kind="application/pkcs7-mime", more=())
    assert "encrypted" in read(sealed).facts


def test_staff_see_who_else_got_it_and_where_answers_should_go() -> None:
    facts = read(letter(plain="x", more=("Cc: Ana <ana@x.test>, bo@y.test", "Reply-To: other@z.test"))).facts
    assert facts == {"cc": "ana@x.test, bo@y.test", "reply-to": "other@z.test"}


# Characters


@pytest.mark.parametrize(
    ("charset", "text"),
    [("gb2312", "路灯坏了"), ("iso-8859-1", "façade – “x”"), ("windows-1251", "яма"), ("iso-2022-jp", "街灯"),
     ("big5", "路燈"), ("windows-1256", "حفرة"), ("koi8-r", "яма"), ("windows-1258", "ba")],
)  # fmt: skip
def test_every_character_set(charset: str, text: str) -> None:
    real = {"iso-8859-1": "cp1252", "gb2312": "gb18030"}.get(charset, charset)
    raw = (
        letter(plain="@@", charset="ascii")
        .replace(b"@@", text.encode(real))
        .replace(b"charset=ascii", f"charset={charset}".encode())
    )
    assert read(raw).text == text


@pytest.mark.parametrize("charset", ["x-unknown", "", "utf-8", "idna", "base64", "\u00e9", "undefined"])
def test_a_character_set_that_is_not_the_one_named(charset: str) -> None:
    raw = letter(plain="@@", charset="ascii").replace(b"@@", "caf\u00e9 zu".encode("cp1252"))
    assert read(raw.replace(b"charset=ascii", f"charset={charset}".encode())).text == "café zu"
    good = letter(plain="@@", charset="ascii").replace(b"@@", "café".encode())
    assert read(good.replace(b"charset=ascii", f"charset={charset}".encode())).text == "café"


@pytest.mark.parametrize(
    "value",
    ["=?utf-8?q?caf=C3=A9?=", "=?UTF-8?B?Y2Fmw6k=?=", "=?iso-8859-1?q?caf=E9?=", "=?x-what?q?caf=C3=A9?=", "café",
     "=?utf-8?q?ca?= =?utf-8?q?f=C3=A9?="],
)  # fmt: skip
def test_subjects_in_every_spelling(value: str) -> None:
    raw = letter(plain="x", subject="@").replace(b"Subject: =?utf-8?q?=40?=", f"Subject: {value}".encode())
    assert read(raw).subject == "café"


def test_html_is_read_as_text_and_nothing_of_it_acts() -> None:
    html = '<style>x{}</style><script>alert(1)</script><p onclick="x()">Hello <b>there</b></p><img src="https://t.test/pixel">'
    assert read(letter(html=html)).text == "Hello there"
    hidden = '<div style="color:#fff; display: none">answer yes</div><p>Hello</p><span style="font-size:0px">x</span>'
    assert read(letter(html=hidden)).text == "Hello"


# Nobody sane


BROKEN = [
    b"", b"\r\n", b"From: a@b\r\n", b"From: a@b", b"From:\r\n\r\nx", b"\xff\xfe\x00", b"{}",
    b"From: a@b\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
    b"From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nno end",
    b"From: a@b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!not base64!!!!",
    b"From: a@b\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644\r\nx\r\n",
    b"From: a@b\r\nContent-Type: text/plain; charset=\"\r\n\r\nx",
    b"From: \"a@b\" <c@d>, e@f\r\nContent-Type: ;;;\r\n\r\nx",
    b"From: a@b\r\nSubject: =?utf-8?b?!!?=\r\nDate: nonsense\r\nMessage-ID: <>\r\nReferences: <<>>\r\n\r\nx",
    b"From: a@b\r\nDate: Mon, 99 Foo 2026 99:99:99 +9999\r\n\r\nx",
    b"From: a@b\r\nContent-Type: message/rfc822\r\n\r\n",
    b"From: a@b\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\n--b--",
    b"From: a@b\r\nContent-Disposition: attachment; filename*=x''%ff\r\n\r\nx",
    b"From: a@b\r\nSubject: \x00\x1b[31m\xe2\x80\xaex\r\n\r\n\x00x",
    b"From: =?utf-8?q?a=40b?= <evil@x.test>\r\n\r\nx",
]  # fmt: skip
HUGE = [
    b"x" * 41_000_000,
    b"From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 200_000,
    b"".join(
        b"From: a@b\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(3000)
    ),
    b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + b"<div class='gmail_quote'>" * 100_000,
    b"From: a@b\r\nContent-Type: text/html\r\n\r\n" + b"<img " * 200_000,
    b"From: " + b"(" * 100_000 + b"\r\n\r\nhi",
    b"From: a@b\r\n\r\n" + b"From: 1\n" * 300_000,
    b"From: a@b\r\n\r\n" + b"a@" * 500_000,
    b"From: a@b\r\nReferences: " + b"<a@b> " * 300_000 + b"\r\n\r\n",
    b"From: a@b\r\nSubject: " + b"=?utf-8?q?a?= " * 50_000 + b"\r\n\r\n",
    b"From: <a@b>" + b",<a@b>" * 100_000 + b"\r\n\r\n",
]


def sane(raw: bytes) -> Incoming | Refused:
    found = parse(raw, {"authserv": "x"})
    assert found.raw == raw
    if isinstance(found, Refused):
        assert found.reason.endswith(".")
        return found
    assert found.network_id and found.event_id and found.author_id and found.visibility == "private"
    for name in ("text", "whole", "subject", "author_id", "author_name", "thread", "in_reply_to", "language"):
        getattr(found, name).encode("utf-8")
    return found


@pytest.mark.parametrize("raw", BROKEN, ids=range(len(BROKEN)))
def test_broken_mails_are_read_as_far_as_they_go(raw: bytes) -> None:
    sane(raw)


@pytest.mark.parametrize("raw", HUGE, ids=range(len(HUGE)))
def test_huge_mails_do_not_hold_up_the_others(raw: bytes) -> None:
    started = time.process_time()
    sane(raw)
    assert time.process_time() - started < 20


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.binary(max_size=400), st.sampled_from(BROKEN))
def test_no_bytes_make_it_raise(head: bytes, body: bytes, base: bytes) -> None:
    sane(b"From: a@b\r\n" + head + b"\r\n\r\n" + body)
    sane(base[: len(base) // 2] + head + base[len(base) // 2 :])


def test_a_name_that_looks_like_an_address_does_not_become_the_sender() -> None:
    item = read(b"From: =?utf-8?q?mayor=40city=2Etest?= <evil@x.test>\r\n\r\nx")
    assert item.author_id == "evil@x.test"
    assert read(b'From: "mayor@city.test" <evil@x.test>\r\n\r\nx').author_id == "evil@x.test"
