"""A small catalogue and a reader for it, made once."""

from __future__ import annotations

import pytest

from openline.triage.catalogue import ServiceInfo
from openline.triage.reader import Reader

CATALOGUE = (
    ServiceInfo("ST1", "Street Defect", "Holes and broken pavement in the roadway.", ("pothole", "cave-in", "bad road"),
                ("there is a huge pothole on our street", "the road is full of holes")),
    ServiceInfo("SL1", "Street Light Outage", "Street lights that are out or flicker.", ("street light", "dark street"),
                ("the street light is out", "lamp post has been dark for a week")),
    ServiceInfo("GR1", "Graffiti Removal", "Graffiti on walls and signs.", ("graffiti", "tagged", "spray paint"),
                ("someone tagged the wall", "graffiti all over the underpass")),
    ServiceInfo("TR1", "Rubbish Collection", "Trash that was not picked up.", ("missed trash", "trash day"),
                ("our trash was not picked up", "garbage truck skipped our block")),
    ServiceInfo("GAS", "Gas Company", "Gas smells and leaks.", ("gas leak", "smell gas"), ("i smell gas",), "referral",
                "215-555-0100"),
    ServiceInfo("IR1", "Information Request", "Questions about the city.", ("question", "hours", "how do i"),
                ("when is trash day", "how do i get a permit"), "question"),
)  # fmt: skip


@pytest.fixture(scope="session")
def catalogue() -> tuple[ServiceInfo, ...]:
    """Six services of an invented city."""
    return CATALOGUE


@pytest.fixture(scope="session")
def reader() -> Reader:
    """A reader without places."""
    return Reader(CATALOGUE)
