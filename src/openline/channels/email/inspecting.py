"""What is missing so that others believe our mails, and we know what to believe of theirs; for `openline doctor`."""

from __future__ import annotations

import re
from contextlib import suppress
from email.message import Message
from email.parser import BytesHeaderParser

from django.utils.translation import gettext as _
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from openline.channels.base import AccountRef, Finding
from openline.channels.email import headers, mailbox, records, seals
from openline.channels.email.places import place

_LATEST = 20
_TAG = re.compile(r"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)")


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """All findings. Raises a ChannelError if the mailbox cannot be read."""
    domain = account.handle.rpartition("@")[2].lower()
    with mailbox.mailbox(account) as client, mailbox.troubles():
        own, others = _heads(client, account)
    return (*_lines(account), *_names(domain), _signature(domain, own), _trust(account, others))


def _lines(account: AccountRef) -> list[Finding]:
    """Are both lines kept secret?"""
    there = (place(account.server, "imap"), place(account.settings.get("smtp", ""), "smtp"))
    if all(one.security != "none" for one in there):
        return [Finding(True, _("Both lines to the mail server are encrypted (TLS)."))]
    return [Finding(True, _("A line to the mail server is not encrypted; it stays on this machine."))]


def _names(domain: str) -> list[Finding]:
    """SPF and DMARC."""
    spf, policy = records.texts_of(domain), records.policy_of(domain)
    if not (spf.reached and policy.reached):
        return [Finding(False, _("No name server answers: SPF and DMARC could not be looked up."))]
    findings = []
    if spf.beginning("v=spf1"):
        findings.append(Finding(True, _("SPF: %(domain)s says which servers send for it.") % {"domain": domain}))
    else:
        words = _("SPF: %(domain)s does not say which servers send for it. Add a TXT record that begins with v=spf1.")
        findings.append(Finding(False, words % {"domain": domain}))
    return [*findings, _dmarc(domain, policy.beginning("v=DMARC1"))]


def _dmarc(domain: str, record: str) -> Finding:
    if not record:
        words = _(
            "DMARC: nothing says what becomes of forged mails from %(domain)s. Add a TXT record at _dmarc.%(domain)s."
        )
        return Finding(False, words % {"domain": domain})
    wanted = dict(_TAG.findall(record)).get("p", "none").strip()
    if wanted == "none":
        words = _("DMARC: the policy of %(domain)s is only to watch (p=none); forged mails are delivered.")
        return Finding(False, words % {"domain": domain})
    return Finding(True, _("DMARC: forged mails from %(domain)s are turned away.") % {"domain": domain})


def _signature(domain: str, own: list[Message]) -> Finding:
    """DKIM: our newest mail shows whether and by which key the server signs."""
    if not own:
        return Finding(False, _("DKIM: not known yet; send a test message first."))
    tags = dict(_TAG.findall(re.sub(r"\s", "", headers.raw_text(own[0], "dkim-signature"))))
    if not tags.get("s") or not tags.get("d"):
        return Finding(False, _("DKIM: our own mails carry no signature. Let the mail server sign what it sends."))
    name = f"{tags['s']}._domainkey.{tags['d']}"
    answer = records.texts_of(name)
    if not answer.reached:
        return Finding(False, _("DKIM: no name server answers: the key could not be looked up."))
    if any("p=" in text and not re.search(r"p=\s*(?:;|$)", text) for text in answer.texts):
        return Finding(True, _("DKIM: our mails are signed, and the key is at %(name)s.") % {"name": name})
    return Finding(False, _("DKIM: our mails are signed, but there is no key at %(name)s.") % {"name": name})


def _trust(account: AccountRef, others: list[Message]) -> Finding:
    """Whose findings on the senders of mails do we believe?"""
    trusted = account.settings.get("authserv", "")
    if trusted and any(seals.results(one, trusted) for one in others):
        return Finding(True, _("What %(name)s finds out about senders is kept with each mail.") % {"name": trusted})
    seen = headers.unique(name for one in others for name in seals.servers(one))
    if seen:
        words = _("Recent mails carry findings about their senders by: %(names)s. Enter the name of your own server.")
        return Finding(False, words % {"names": ", ".join(seen[:5])})
    return Finding(False, _("The mail server writes down no findings about senders (Authentication-Results)."))


def _heads(client: IMAPClient, account: AccountRef) -> tuple[list[Message], list[Message]]:
    """The heads of our newest mail and of others' newest ones, newest first."""
    own, others = list[Message](), list[Message]()
    for folder in filter(None, (mailbox.special_folder(client, b"\\Sent"), "INBOX")):
        with suppress(IMAPClientError):
            client.select_folder(folder, readonly=True)
            ours = client.search(["FROM", account.handle])[-1:]
            theirs = client.search(["NOT", "FROM", account.handle])[-_LATEST:] if folder == "INBOX" else []
            own += _read(client, ours)
            others += _read(client, theirs)
    return own[:1], others


def _read(client: IMAPClient, uids: list[int]) -> list[Message]:
    answers = client.fetch(uids, ["BODY.PEEK[HEADER]"]) if uids else {}
    return [BytesHeaderParser().parsebytes(answers[uid][b"BODY[HEADER]"]) for uid in sorted(answers, reverse=True)]
