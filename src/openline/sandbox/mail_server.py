"""The mail provider of the sandbox: takes every mail, sends none away, and shows the city's mailbox.

`python -m openline.sandbox.mail_server SMTP_PORT IMAP_PORT FOLDER`. As much of SMTP (RFC 5321) and IMAP (RFC 9051) as
the e-mail channel speaks, on loopback and without secrets. Each mail is a file in the folder, named by its number,
which is its unique id in the mailbox. Every mail of the city comes to its own mailbox as a copy, so all are in it.
"""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from pathlib import Path

HOST = "127.0.0.1"
MOST_BYTES = 30_000_000
_SMTP = {
    "EHLO": "250-sandbox\r\n250-SIZE 30000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN",
    "HELO": "250 sandbox", "AUTH": "235 Welcome", "MAIL": "250 Fine", "RCPT": "250 Fine", "RSET": "250 Fine",
    "NOOP": "250 Fine", "DATA": "354 Go on", "QUIT": "221 Bye",
}  # fmt: skip


class Mailbox:
    """The mails as files, oldest first, each by its number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def numbers(self) -> list[int]:
        """The numbers that are taken, growing."""
        return sorted(int(one.stem) for one in self.folder.glob("*.eml"))

    def next(self) -> int:
        """The number of the next mail."""
        return max(self.numbers(), default=0) + 1

    def add(self, raw: bytes) -> None:
        """Keep a mail; it is there whole or not at all."""
        number = self.next()
        part = self.folder / f"{number}.part"
        part.write_bytes(raw)
        part.rename(self.folder / f"{number:06d}.eml")

    def read(self, number: int) -> bytes:
        """The mail of that number."""
        return (self.folder / f"{number:06d}.eml").read_bytes()


class Server:
    """Both protocols over one mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def smtp(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One line of a sender."""
        await _say(writer, "220 sandbox ESMTP")
        while line := await reader.readline():
            word = line[:4].decode("ascii", "replace").upper()
            await _say(writer, _SMTP.get(word, "502 The sandbox does not know that"))
            if word == "DATA":
                self.mailbox.add(await _content(reader))
                await _say(writer, "250 Taken")
            if word == "QUIT":
                break
        writer.close()

    async def imap(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One line of a reader."""
        await _say(writer, "* OK [CAPABILITY IMAP4rev1] sandbox")
        while line := await reader.readline():
            tag, _space, rest = line.decode("utf-8", "replace").strip().partition(" ")
            words = rest.split(" ")
            name = " ".join(words[:2]).upper() if words[0].upper() == "UID" else words[0].upper()
            for answer in self._answers(name, rest):
                writer.write(answer)
            await _say(writer, f"{tag} OK {name} done")
            if name == "LOGOUT":
                break
        writer.close()

    def _answers(self, name: str, rest: str) -> Iterator[bytes]:
        """What a command is answered before its last line."""
        if name == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif name == "LIST":
            yield b'* LIST () "/" INBOX\r\n'
        elif name in ("SELECT", "EXAMINE"):
            numbers = self.mailbox.numbers()
            yield b"* FLAGS ()\r\n* %d EXISTS\r\n* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT %d]\r\n" % (
                len(numbers), self.mailbox.next(),
            )  # fmt: skip
        elif name == "UID SEARCH":
            yield b"* SEARCH" + b"".join(b" %d" % one for one in self._found(rest)) + b"\r\n"
        elif name == "UID FETCH":
            yield from self._fetched(rest)

    def _found(self, rest: str) -> Iterator[int]:
        """The numbers of the mails from one on, or with a Message-ID; else all."""
        since = re.search(r"\bUID (\d+):\*", rest)
        known = re.search(r'HEADER Message-ID "?([^"\s]+)', rest, re.IGNORECASE)
        for number in self.mailbox.numbers():
            if since and number < int(since[1]):
                continue
            if known is None or known[1].encode() in self.mailbox.read(number):
                yield number

    def _fetched(self, rest: str) -> Iterator[bytes]:
        _uid, _fetch, ids, what = rest.split(" ", 3)
        wanted = _numbers(ids)
        for place, number in enumerate(self.mailbox.numbers(), 1):
            if number in wanted:
                yield b"* %d FETCH (UID %d %s)\r\n" % (place, number, self._part(number, what.upper()))

    def _part(self, number: int, what: str) -> bytes:
        raw = self.mailbox.read(number)
        if "RFC822.SIZE" in what:
            return b"RFC822.SIZE %d" % len(raw)
        if "HEADER" in what:
            raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            return b"BODY[HEADER] {%d}\r\n%s" % (len(raw), raw)
        return b"BODY[] {%d}\r\n%s" % (len(raw), raw)


def _numbers(text: str) -> set[int]:
    """Ids as IMAP names them: 1,3:5."""
    found = set[int]()
    for one in text.split(","):
        first, _colon, last = one.partition(":")
        found.update(range(int(first), int(last or first) + 1))
    return found


async def _content(reader: StreamReader) -> bytes:
    """A mail up to the line that is a dot alone; a dot that was put before a line is taken away (RFC 5321, 4.5.2)."""
    lines, size = list[bytes](), 0
    while (line := await reader.readline()) not in (b".\r\n", b".\n", b""):
        size += len(line)
        if size <= MOST_BYTES:
            lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)


async def _say(writer: StreamWriter, line: str) -> None:
    writer.write(line.encode() + b"\r\n")
    await writer.drain()


async def serve(smtp_port: int, imap_port: int, folder: Path) -> None:
    """Serve both until the process ends."""
    server = Server(Mailbox(folder))
    smtp = await asyncio.start_server(server.smtp, HOST, smtp_port, limit=1_000_000)
    imap = await asyncio.start_server(server.imap, HOST, imap_port)
    async with smtp, imap:
        await asyncio.gather(smtp.serve_forever(), imap.serve_forever())


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
