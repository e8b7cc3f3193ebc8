"""Two thousand messages through a network that breaks, with workers that are killed: none lost, none doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from openline.channels.base import Incoming
from openline.operations.storm import network
from openline.operations.storm.channel import StormChannel
from tests.apart import database_url

pytestmark = pytest.mark.django_db(transaction=True)

_STORM = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "openline.settings"
import django
django.setup()
from dataclasses import asdict
from openline.operations.storm.run import storm
print(json.dumps(asdict(storm(int(sys.argv[1]), kill_every_seconds=8.0))))
"""


def test_none_lost_none_doubled_order_kept(philadelphia: None) -> None:
    environment = os.environ | {"DATABASE_URL": database_url()}
    done = subprocess.run(
        [sys.executable, "-c", _STORM, "2000"], env=environment, capture_output=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    outcome = json.loads(done.stdout)
    assert (outcome["lost"], outcome["doubled"], outcome["disordered"]) == (0, 0, 0)
    assert sum(outcome["faults"].values()) > 50, "there was no storm"
    assert {"before", "after", "within", "busy"} <= outcome["faults"].keys()


def test_the_network_itself_counts_what_is_said_twice() -> None:
    """A storm without a fault in our counting: the network that proves us right must be able to prove us wrong."""
    held = network.Network(10, 1.0)
    post = {"text": "a", "to": "post-1", "thread": "post-1"}
    assert held.say(post) != held.say(post)
    assert len(held.known["a", "post-1"]) == 2
    assert {held.fault() for _ in range(2000)} == {"before", "after", "within", "busy", "many", "token"}
    assert held.access == "" and held.renew("refresh-0") and held.renew("refresh-0") is None
    page = [StormChannel().parse(json.dumps(item).encode()) for item in held.page(0)]
    assert len({item.network_id for item in page if isinstance(item, Incoming)}) == 10
