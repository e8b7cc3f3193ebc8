"""What X charges (US dollars, docs.x.com, April 2026), what was spent this month, and the city's own limit.

X charges each call of a self-serve app. A post with a link is 13 times as dear as one without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.channels.accounts import AccountRef
from openline.channels.base import NotAllowed, Outgoing, Rejected
from openline.channels.x.text import urls

YEAR = 2026
PRICES = {
    "post": Decimal("0.015"),
    "link": Decimal("0.200"),
    "answer": Decimal("0.010"),
    "message": Decimal("0.015"),
    "delete": Decimal("0.010"),
}
FACT = "cost_usd"
"""Under this name the price stands in a receipt's facts, from where the ledger adds it up (`Ledger.spent`)."""
_ENTRY = re.compile(r"(\w+)\s*[:=]?\s*(\d+(?:\.\d+)?)")
_NEAR = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class Purse:
    """The month's limit, and what is spent of it."""

    limit: Decimal
    spent: Decimal
    refuses: bool

    @property
    def near(self) -> bool:
        """Is four fifths of it spent?"""
        return self.spent >= self.limit * _NEAR


def prices(account: AccountRef) -> dict[str, Decimal]:
    """The price list; what the account's settings name has another price."""
    return PRICES | read(account.settings.get("prices", ""))


def read(words: str) -> dict[str, Decimal]:
    """Prices as a person writes them: "post 0.015, link 0.2". Raises Rejected."""
    found = {name.lower(): Decimal(number) for name, number in _ENTRY.findall(words)}
    if unknown := set(found) - set(PRICES):
        raise Rejected(_("Not a price of X: %s") % ", ".join(sorted(unknown)), "prices")
    return found


def budget(words: str) -> Decimal | None:
    """The month's limit as a person writes it; None for none. Raises Rejected."""
    try:
        found = Decimal(words.replace("$", "").replace(",", ".").strip() or "0")
    except InvalidOperation:
        raise Rejected(_("Write the month's budget as a number, such as 50."), "budget") from None
    if not found.is_finite() or found < 0:
        raise Rejected(_("Write the month's budget as a number, such as 50."), "budget")
    return found or None


def of_post(account: AccountRef, text: str, answering: bool = False) -> Decimal:
    """The price of one post."""
    known = prices(account)
    if urls.find(text):
        return known["link"]
    return known["answer" if answering else "post"]


def of(account: AccountRef, outgoing: Outgoing, texts: list[str]) -> Decimal:
    """The price of all that a send does."""
    if outgoing.action == "delete":
        return prices(account)["delete"]
    if outgoing.action != "post":
        return Decimal(0)
    if outgoing.visibility == "private":
        return prices(account)["message"]
    first, *more = texts
    return of_post(account, first, bool(outgoing.in_reply_to)) + sum(
        (of_post(account, one) for one in more), Decimal(0)
    )


def purse(account: AccountRef, now: datetime | None = None) -> Purse | None:
    """The account's month; None if it has no limit."""
    limit = budget(account.settings.get("budget", ""))
    if limit is None:
        return None
    now = (now or datetime.now(UTC)).astimezone(UTC)
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Purse(limit, account.ledger.spent(month), account.settings.get("at_budget") == "refuse")


def refuse(account: AccountRef, price: Decimal) -> None:
    """Raises NotAllowed if the month's limit would be passed and the city wants nothing sent then."""
    found = purse(account)
    if found and found.refuses and found.spent + price > found.limit:
        words = _(
            "This month's budget for X is used up: $%(spent)s of $%(limit)s. Raise it, or wait for the next month."
        )
        raise NotAllowed(words % {"spent": money(found.spent), "limit": money(found.limit)})


def words(account: AccountRef, text: str, texts: list[str]) -> str:
    """What `text` costs, for whoever writes it."""
    price = sum((of_post(account, one) for one in texts), Decimal(0))
    said = [_("About $%s") % money(price)]
    if len(texts) > 1:
        said[0] += ", " + ngettext("%(n)d post", "%(n)d posts", len(texts)) % {"n": len(texts)}
    known = prices(account)
    if urls.find(text) and known["post"]:
        said.append(_("A link makes a post %d times as dear.") % round(known["link"] / known["post"]))
    if found := purse(account):
        month = _("This month: $%(spent)s of $%(limit)s.")
        said.append(month % {"spent": money(found.spent), "limit": money(found.limit)})
    return ". ".join([said[0], " ".join(said[1:])]) if len(said) > 1 else said[0]


def money(amount: Decimal) -> str:
    """Dollars, with as many digits as say something: 0.015, 0.20, 12.50."""
    plain = f"{amount:.3f}"
    return plain[:-1] if plain.endswith("0") else plain
