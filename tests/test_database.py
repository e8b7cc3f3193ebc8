"""What one test commits is gone for the next, and the sample city comes back whole."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType

from openline.care.understanding import gazetteer
from openline.records import log
from openline.records.models import Kind, Record
from openline.service_requests.models import Service, ServiceRequest
from openline.service_requests.opening import NewRequest, open_request
from tests import database

committing = pytest.mark.django_db(transaction=True)


@pytest.mark.django_db
def test_the_sample_city_is_loaded() -> None:
    """Alone, this makes the database that every part of the suite begins with (`tools/run_tests.py`)."""
    assert Service.objects.filter(active=True).count() > 50


@committing
def test_all_that_was_committed_is_emptied(philadelphia: None) -> None:
    service = Service.objects.select_related("department").get(code="SR-ST20")
    open_request(NewRequest(service, "a light is out", "a light is out", "test", {}))
    User.objects.create_user("ana")
    log.write([log.Entry(Kind.ADMINISTERED, "test", body={"what": "a test"})])
    made = Permission.objects.count(), ContentType.objects.count()
    database.empty()
    for model in (ServiceRequest, Service, User, Record):
        assert not model.objects.exists()
    assert (Permission.objects.count(), ContentType.objects.count()) == made


@committing
def test_the_city_comes_back_with_all_its_rows() -> None:
    database.empty()
    database.bring_city_back()
    assert Service.objects.filter(active=True).count() > 50
    assert Service.objects.select_related("department").get(code="SR-ST20").department.name
    assert gazetteer() is not None
    new = Service.objects.create(code="NEW", name="New")
    assert new.pk > max(Service.objects.exclude(code="NEW").values_list("pk", flat=True))


@committing
def test_triggers_are_on_again_afterwards(philadelphia: None) -> None:
    log.write([log.Entry(Kind.ADMINISTERED, "test", body={"what": "a test"})])
    with pytest.raises(Exception, match="append"):
        Record.objects.all().delete()
