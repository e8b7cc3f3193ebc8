"""Long messages that arrive in parts: the header that numbers them (TS 23.040, 9.2.3.24.1 and 9.2.3.24.8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` (from 1) of `of` of the message to which its phone gave `reference`."""

    reference: int
    number: int
    of: int


def part_of(header: bytes) -> Part | None:
    """What a user data header says of concatenation; None if the message stands alone. Never raises."""
    rest = header[1 : 1 + header[0]] if header else b""
    while len(rest) >= 2:
        kind, length, data = rest[0], rest[1], rest[2 : 2 + rest[1]]
        if kind == 0 and length == 3 and len(data) == 3:
            return _sane(data[0], data[2], data[1])
        if kind == 8 and length == 4 and len(data) == 4:
            return _sane(int.from_bytes(data[:2]), data[3], data[2])
        rest = rest[2 + length :]
    return None


def _sane(reference: int, number: int, of: int) -> Part | None:
    return Part(reference, number, of) if 1 <= number <= of and of > 1 else None
