"""Official vectors of the cryptography that we lean on (NIP-44, BIP-340); skipped where they are not at hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from openline.channels.base import Rejected
from openline.channels.nostr.checking import forged
from openline.channels.nostr.signer import Local, keys_of
from tests.channels.nostr_tools import MARIA, event


@pytest.fixture(scope="module")
def vectors(shared: Path) -> Path:
    folder = shared / "contracts" / "nostr"
    if not folder.is_dir():
        pytest.skip("the vectors of NIP-44 and BIP-340 are not here")
    return folder


def test_nip44(vectors: Path) -> None:
    found: dict[str, Any] = json.loads((vectors / "nip44.vectors.json").read_text())["v2"]
    pairs = found["valid"]["encrypt_decrypt"]
    for one in pairs:
        first, second = Local(keys_of(one["sec1"])), Local(keys_of(one["sec2"]))
        assert second.decrypt(first.public_key, one["payload"]) == one["plaintext"]
        assert first.decrypt(second.public_key, one["payload"]) == one["plaintext"]
        assert second.decrypt(first.public_key, first.encrypt(second.public_key, one["plaintext"])) == one["plaintext"]
    for one in found["invalid"]["decrypt"]:
        for sender in (MARIA.public_key, pairs[0]["sec2"]):
            with pytest.raises(Rejected):
                Local(keys_of(pairs[0]["sec1"])).decrypt(sender, one["payload"])
    assert len(pairs) >= 5 and len(found["invalid"]["decrypt"]) >= 5


def test_bip340(vectors: Path) -> None:
    """Keys of the vectors sign events that verify; keys off the curve and signatures out of range never do."""
    rows = list(csv.DictReader((vectors / "bip-0340-test-vectors.csv").read_text().splitlines()))
    good = [row for row in rows if row["secret key"]]
    for row in good:
        local = Local(keys_of(row["secret key"].lower()))
        assert local.public_key == row["public key"].lower()
        assert not forged(local.sign(1, row["message"], []))
    bad = [row for row in rows if row["verification result"] == "FALSE"]
    for row in bad:
        signed = json.loads(event("hello"))
        assert forged(signed | {"sig": row["signature"].lower()})
        assert forged(signed | {"pubkey": row["public key"].lower()})
    assert len(good) >= 4 and len(bad) >= 8
