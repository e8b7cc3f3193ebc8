"""The test of an account on X: who we are, and what a post would be. X has no message that nobody else sees."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef
from openline.channels.reading import child
from openline.channels.x import costs, writing
from openline.channels.x.client import Api
from openline.channels.x.reading import who
from openline.channels.x.text.counting import length


def try_out(account: AccountRef, text: str) -> str:
    """Ask X, and say what was not done."""
    with Api(account) as api:
        found = who(child(api.get("/2/users/me"), "data"))
    words = _(
        "X knows us as %(handle)s. Nothing was posted: X has no message that nobody else sees. This one would fill "
        "%(length)d of %(limit)d and cost $%(price)s."
    )
    price = costs.money(costs.of_post(account, text))
    return words % {"handle": found.handle, "length": length(text), "limit": writing.limit_of(account), "price": price}
