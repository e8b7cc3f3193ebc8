"""`openline partner`, and what the doctor says of partners."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from openline.partners import choosing, forwarding
from openline.partners.models import Connector
from openline.service_requests.models import Service
from tests.partners.conftest import opened, partner
from tests.partners.standin import Theirs

pytestmark = pytest.mark.usefixtures("philadelphia")


def said(*words: str) -> str:
    out = io.StringIO()
    try:
        call_command(*words, stdout=out)
    except SystemExit:
        out.write("exit 1")
    return out.getvalue()


def test_list_test_poll_and_the_doctor() -> None:
    service = Service.objects.get(code="SR-ST20")
    with Theirs() as theirs:
        partner(service, address=theirs.address)
        assert "WHISPAWN" in said("partner", "test", "PECO") and "exit 1" in said("partner", "test", "PECO")
        Connector.objects.update(attributes=[{"service": "", "code": "WHISPAWN", "from": "", "fixed": "123"}])
        assert "MEND" not in said("partner", "test", "PECO")
        opened(service)
        forwarding.send_next()
        theirs.requests[0]["status"] = "closed"
        assert said("partner", "poll", "PECO") == "1 new.\n"
        assert "confirmed 1, not confirmed 0" in said("partner", "list")
        assert "ok    Partner PECO: Working." in said("doctor")
        assert not any("the-api-key" in said(*words) for words in (("partner", "list"), ("doctor",)))
    assert "cannot be reached" in said("partner", "test", "PECO")
    assert "MEND  Partner PECO: Not reachable" in said("doctor")
    with pytest.raises(CommandError, match="no such partner"):
        said("partner", "test", "Nobody")
    choosing.forget()
