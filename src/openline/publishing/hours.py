"""Which hours of the week are good for an account, learnt from what came of its own posts.

Every hour's mean is drawn towards that of its parent by Bühlmann's credibility (H. Bühlmann, "Experience rating and
credibility", ASTIN Bulletin 4, 1967; the empirical Bayes estimate of Efron and Morris, 1975, is the same for equal n):

    estimate = Z * own mean + (1 - Z) * estimate of the parent,   Z = n / (n + K),   K = within / between

n is the number of posts in the hour, `within` the variance of posts within hours, `between` that of the hours' true
means, both by the method of moments over all posts of the city. The parents of (weekday, hour) of an account are, one
after the other: its hour on working days or on weekends, the same of its network, of the city, and zero. So an account
without a history has its network's profile, and a network without one the city's.

What is averaged is ln(1 + reactions) less the account's mean, so that one post that went around the world, or an
account with many readers, does not decide for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log1p
from statistics import fmean
from uuid import UUID

from openline.accounts.models import Account
from openline.foundation.bulk import query
from openline.service_requests.jurisdiction import city_zone

HISTORY = timedelta(days=365)
SETTLED = timedelta(days=2)
"""Younger posts are left out: most of what will come of them has not come."""
ENOUGH = 30
"""Fewer posts of a city say nothing."""
_WEIGHT, _LEAST, _MOST = 20.0, 2.0, 200.0
"""K where the variances cannot be told apart, and its bounds."""
_SATURDAY = 5

Hours = Mapping[tuple[int, int], float]
"""How good an hour is, from 0 (the worst) to 1 (the best), by weekday (0 is Monday) and hour of the city's clock."""

_HISTORY = """
SELECT v.account_id, a.network, v.sent_at, coalesce(m.came, 0) + coalesce(c.came, 0)
FROM publishing_variant v JOIN accounts_account a ON a.id = v.account_id
CROSS JOIN LATERAL (
    SELECT sum(value) AS came FROM unnest(ARRAY['likes', 'reposts', 'quotes', 'replies', 'zaps']) AS n(name)
    CROSS JOIN LATERAL (SELECT value FROM publishing_measurement
                        WHERE variant_id = v.id AND name = n.name ORDER BY at DESC LIMIT 1) newest) m
CROSS JOIN LATERAL (
    SELECT sum(k.count) AS came FROM publishing_shortlink l JOIN publishing_clicks k ON k.link_id = l.code
    WHERE l.variant_id = v.id) c
WHERE v.state = 'sent' AND v.sent_at >= %s AND v.sent_at < %s
"""


@dataclass(frozen=True, slots=True)
class Past:
    """One publication: of which account and network, when by the city's clock, and how many reactions it had."""

    account: UUID
    network: str
    at: datetime
    reactions: int


def best_hours(account: Account, now: datetime | None = None, enough: int = ENOUGH) -> Hours:
    """The scores of all 168 hours of the week for `account`; {} as long as the whole city has fewer than `enough` posts
    that can be learnt from."""
    until = (now or datetime.now(UTC)) - SETTLED
    zone = city_zone()
    rows = query(_HISTORY, [until - HISTORY, until])
    if len(rows) < enough:
        return {}
    return scores([Past(one, network, at.astimezone(zone), int(n)) for one, network, at, n in rows], account)


def scores(past: Iterable[Past], account: Account) -> Hours:
    """The same from a given history."""
    past = list(past)
    if not past:
        return {}
    usual = {one: fmean(values) for one, values in _split((p.account, log1p(p.reactions)) for p in past).items()}
    known = [(p, log1p(p.reactions) - usual[p.account]) for p in past]
    weight = _k(_split(((p.account, p.at.weekday(), p.at.hour), y) for p, y in known))
    city = _split((_part(p.at), y) for p, y in known)
    network = _split((_part(p.at), y) for p, y in known if p.network == account.network)
    own = [(p, y) for p, y in known if p.account == account.pk]
    parts, exact = _split((_part(p.at), y) for p, y in own), _split(((p.at.weekday(), p.at.hour), y) for p, y in own)
    found = {}
    for weekday in range(7):
        for hour in range(24):
            estimate, part = 0.0, (weekday >= _SATURDAY, hour)
            for values in (city.get(part), network.get(part), parts.get(part), exact.get((weekday, hour))):
                estimate = _drawn(values or [], estimate, weight)
            found[weekday, hour] = estimate
    return _from_0_to_1(found)


def _part(at: datetime) -> tuple[bool, int]:
    return at.weekday() >= _SATURDAY, at.hour


def _drawn(values: list[float], parent: float, weight: float) -> float:
    """The credibility estimate: `parent` where there are no values, their mean where there are very many."""
    if not values:
        return parent
    share = len(values) / (len(values) + weight)
    return share * fmean(values) + (1 - share) * parent


def _k(cells: Mapping[Hashable, list[float]]) -> float:
    """K = within / between, by the method of moments (Bühlmann and Straub, 1970)."""
    n = sum(map(len, cells.values()))
    freedom = n - len(cells)
    if freedom < 1 or len(cells) < 2:
        return _WEIGHT
    means = {cell: fmean(values) for cell, values in cells.items()}
    within = sum((y - means[cell]) ** 2 for cell, values in cells.items() for y in values) / freedom
    overall = sum(sum(values) for values in cells.values()) / n
    spread = sum(len(values) * (means[cell] - overall) ** 2 for cell, values in cells.items())
    size = n - sum(len(values) ** 2 for values in cells.values()) / n
    between = (spread - (len(cells) - 1) * within) / size if size else 0.0
    return min(_MOST, max(_LEAST, within / between)) if between > 0 else _MOST


def _split(pairs: Iterable[tuple[Hashable, float]]) -> dict[Hashable, list[float]]:
    found: dict[Hashable, list[float]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def _from_0_to_1(found: dict[tuple[int, int], float]) -> Hours:
    low, high = min(found.values()), max(found.values())
    if high - low < 1e-9:
        return dict.fromkeys(found, 0.5)
    return {key: (value - low) / (high - low) for key, value in found.items()}
