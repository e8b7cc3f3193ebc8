"""What X charges, said before it is spent; what was spent, and the wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from openline.channels.accounts import AccountRef
from openline.channels.base import NotAllowed, Outgoing, Rejected
from openline.channels.x import costs
from openline.channels.x.channel import XChannel
from tests.channels.nets.base import Memory
from tests.channels.x.conftest import City

CHANNEL = XChannel()


def account(**settings: str) -> AccountRef:
    return AccountRef("1", "@city", "", {}, settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "About $0.015"),
        ("see https://city.org", "About $0.20. A link makes a post 13 times as dear."),
        ("see city.gov", "About $0.20. A link makes a post 13 times as dear."),
        ("word " * 100, "About $0.03, 2 posts"),
    ],
)
def test_the_price_in_words(text: str, said: str) -> None:
    assert CHANNEL.cost(account(), text) == said


def test_other_prices_and_the_month() -> None:
    city = account(prices="post 0.02, link: 0.1", budget="50")
    assert CHANNEL.cost(city, "a https://city.org") == (
        "About $0.10. A link makes a post 5 times as dear. This month: $0.00 of $50.00."
    )


@pytest.mark.parametrize(
    ("outgoing", "price"),
    [
        (Outgoing("a"), "0.015"),
        (Outgoing("a", in_reply_to="5"), "0.010"),
        (Outgoing("a city.gov", in_reply_to="5"), "0.200"),
        (Outgoing("a city.gov", visibility="private"), "0.015"),
        (Outgoing("", action="delete", about="5"), "0.010"),
        (Outgoing("", action="hide", about="5"), "0"),
    ],
)
def test_the_price_of_a_send(outgoing: Outgoing, price: str) -> None:
    assert costs.of(account(), outgoing, [outgoing.text]) == Decimal(price)


def test_a_receipt_says_what_it_cost(city: City) -> None:
    receipt = city.channel.send(city.account, Outgoing("see https://city.org"), "k", Memory())
    assert receipt.facts == {"cost_usd": "0.200"}
    found = city.channel.find_sent(city.account, Outgoing("see https://city.org"), "k", Memory(), datetime.now(UTC))
    assert found and found.facts == receipt.facts and found.network_id == receipt.network_id


def test_at_the_wall_nothing_more_is_sent_if_the_city_wants_it_so(city: City) -> None:
    chosen = {**city.account.settings, "budget": "10", "at_budget": "refuse"}
    poor = replace(city.account, settings=chosen)
    city.hook.ledger.paid = Decimal("9.99")
    with pytest.raises(NotAllowed, match="budget"):
        city.channel.send(poor, Outgoing("one more"), "k", Memory())
    assert not city.calls("POST", "/2/")
    city.channel.send(replace(poor, settings=chosen | {"at_budget": "warn"}), Outgoing("one more"), "k", Memory())
    assert any(not one.good and "$9.99 of $10.00" in one.words for one in city.channel.inspect(poor))


def test_a_send_that_was_begun_is_ended_beyond_the_wall(city: City) -> None:
    """The first part of a thread stands already: it does not stay half."""
    text = "A long word about the closed bridge. " * 12
    chosen = {**city.account.settings, "budget": "1", "at_budget": "refuse"}
    rich, memory = replace(city.account, settings=chosen), Memory()
    city.channel.send(rich, Outgoing(text), "k", memory)
    del memory.kept["post 1"]
    last = next(reversed(city.x.state.posts))
    del city.x.state.posts[last]
    city.hook.ledger.paid = Decimal("5")
    assert city.channel.send(rich, Outgoing(text), "k", memory).parts


def test_x_without_credit_says_so(city: City) -> None:
    city.x.credit = False
    with pytest.raises(NotAllowed, match="credit"):
        city.channel.send(city.account, Outgoing("hello"), "k", Memory())


def test_budgets_and_prices_are_read_kindly() -> None:
    assert costs.budget("$1,5") == Decimal("1.5") and costs.budget("") is None and costs.budget("0") is None
    with pytest.raises(Rejected):
        costs.budget("NaN")
