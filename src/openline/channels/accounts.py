"""What a channel knows of an official account of the city, and how such an account is connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Renew = Callable[[dict[str, str]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class Budget:
    """What the network lets this account still do: `remaining` of `limit` calls until `resets_at` (aware time)."""

    limit: int
    remaining: int
    resets_at: datetime
    what: str = ""


class Keeper(Protocol):
    """Where a channel leaves what it learns of an account while it works."""

    def renew(self, renew: Renew) -> dict[str, str]:
        """Renew the credentials under the account's one lock; they are saved before they come back.

        `renew` gets the credentials as they are at that moment (another worker may have renewed them: then it gives
        them back as they are) and returns the new ones. An empty value never takes the place of a secret.
        """

    def note_budget(self, budget: Budget) -> None:
        """Keep what the network said of our allowance with its last answer."""

    def note_end(self, ends_at: datetime) -> None:
        """Keep when a person has to connect the account again, as a renewal has put it off (`Who.expires_at`)."""

    def spend(self, what: str, amount: int, limit: int, resets_at: datetime) -> Budget:
        """Count `amount` of the allowance `what` of `limit` that is new at `resets_at`, for networks that count it and
        do not tell; over all processes. Returns what is left; below 0 means that there was not enough."""


class NoKeeper:
    """For an account that is not kept yet: renewed credentials live as long as the call."""

    def __init__(self, credentials: Mapping[str, str] | None = None) -> None:
        self._credentials = dict(credentials or {})
        self._spent: dict[tuple[str, datetime], int] = {}

    def renew(self, renew: Renew) -> dict[str, str]:
        """The new credentials, remembered here alone."""
        self._credentials |= {name: value for name, value in renew(dict(self._credentials)).items() if value}
        return dict(self._credentials)

    def note_budget(self, budget: Budget) -> None:
        """Nothing."""

    def note_end(self, ends_at: datetime) -> None:
        """Nothing."""

    def spend(self, what: str, amount: int, limit: int, resets_at: datetime) -> Budget:
        """Counted here alone."""
        self._spent[what, resets_at] = used = self._spent.get((what, resets_at), 0) + amount
        return Budget(limit, limit - used, resets_at, what)


class Ledger(Protocol):
    """What is kept of an account's traffic, for channels whose network cannot be asked for it."""

    def heard(self, event_ids: Sequence[str]) -> bytes:
        """A delivery (`Incoming.raw`) that was heard under one of these `event_id`s; b"" if none was."""

    def ours(self, network_id: str) -> bool:
        """True if a message of this account is known to have that id: so it is no other message of ours."""

    def gather(self, whole: str, number: int, of: int, raw: bytes) -> tuple[bytes, ...]:
        """Keep part `number` (from 1) of the `of` parts of the message named `whole`; all of them, in order, once all
        are there (again for a part that comes again); () while some are missing.

        Parts that wait for more than an hour are handed on one by one, as deliveries of their own.
        """

    def spent(self, since: datetime) -> Decimal:
        """What cost all that was sent since then, in US dollars: the sum of `Receipt.facts["cost_usd"]`."""


class NoLedger:
    """For an account that is not kept yet: nothing is known, and every part stands for itself."""

    def heard(self, event_ids: Sequence[str]) -> bytes:
        """Nothing."""
        return b""

    def ours(self, network_id: str) -> bool:
        """No."""
        return False

    def gather(self, whole: str, number: int, of: int, raw: bytes) -> tuple[bytes, ...]:
        """The part alone."""
        return (raw,)

    def spent(self, since: datetime) -> Decimal:
        """Nothing."""
        return Decimal(0)


@dataclass(frozen=True, slots=True)
class AccountRef:
    """What a channel may know of one official account: where it lives and how to speak as it.

    `handle` is the account's name on the network, `server` its base address, `credentials` the decrypted secrets
    (never logged: the field is left out of `repr`), `settings` what else the channel asked for and is no secret.
    `author_id` is the network's own id of the account, once it is known.
    `hook` is the public address at which the network calls us for this account; "" if there is none.
    """

    id: str
    handle: str
    server: str
    credentials: dict[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)
    keeper: Keeper = field(default_factory=NoKeeper, repr=False, compare=False)
    author_id: str = ""
    hook: str = ""
    ledger: Ledger = field(default_factory=NoLedger, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Who:
    """Whom the network takes us for: the same `author_id` and handle as in what this account posts.

    `expires_at`: when a person has to connect the account again, where the network says so.
    """

    author_id: str
    handle: str
    name: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, for `openline doctor`: fine or not, and what to do."""

    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a person fills in to connect an account. `label` and `help` are lazy translations or plain.

    `where`: only asked where another field (its name) has that value; `more`: seldom needed, so it is folded away.
    """

    name: str
    label: StrOrPromise
    help: StrOrPromise = ""
    kind: Literal["text", "secret", "url", "email", "number", "choice", "yes_no"] = "text"
    required: bool = True
    initial: str = ""
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    where: tuple[str, str] = ("", "")
    more: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """How an account is connected: `guide` says in steps what to do on the network first, then `fields` are filled in.

    `own_login`: the network's own login page does it (OAuth), after `fields`; `by_hand`: it can be done without that
    page, too; `names_return`: the network has to be told where its login page sends people back to, so the screen
    shows that address. `hook`: the network calls us, so the screen shows the address to give to it: each account has
    its own, or all of the "network" have one.
    """

    fields: tuple[Field, ...] = ()
    guide: tuple[StrOrPromise, ...] = ()
    own_login: bool = False
    by_hand: bool = True
    names_return: bool = False
    hook: Literal["", "account", "network"] = ""


@dataclass(frozen=True, slots=True)
class Connected:
    """An account that the network has accepted, to be kept."""

    who: Who
    handle: str
    server: str
    credentials: dict[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Authorizing:
    """A login at the network that has begun: where the browser goes, and what is kept (encrypted) until it is back."""

    url: str
    kept: dict[str, str] = field(repr=False)
