"""What the tests of neighbors share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from openline.geography.models import Area


@pytest.fixture
def area() -> str:
    """The code of a neighborhood."""
    return Area.objects.filter(kind="neighborhood").order_by("name").values_list("code", flat=True)[0]


@pytest.fixture
def boss() -> User:
    """A member of staff."""
    return User.objects.create_user("boss", first_name="Bea", last_name="Boss")
