"""What else to look at for an account on X (`openline doctor`)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from openline.channels.base import AccountRef, Finding
from openline.channels.x import costs, oauth, settling
from openline.channels.x.answering import FREE_TIERS


def inspect(account: AccountRef) -> tuple[Finding, ...]:
    """What the login allows, whether X calls us, whom we may answer, and the month's money."""
    return (*_scopes(account), *settling.look(account), *_tier(account), *_purse(account))


def _scopes(account: AccountRef) -> tuple[Finding, ...]:
    given = account.credentials.get("scope", "").split()
    lacking = [one for one in oauth.SCOPES if given and one not in given]
    if lacking:
        return (Finding(False, _("The login does not allow: %s. Connect the account again.") % ", ".join(lacking)),)
    return (Finding(True, _("The login allows all that is needed.")),)


def _tier(account: AccountRef) -> tuple[Finding, ...]:
    if account.settings.get("tier") in FREE_TIERS:
        return (Finding(True, _("This app may answer everybody.")),)
    words = _(
        "A self-serve app may answer only who names or quotes the account. X wants government use to apply for public "
        "utility or Enterprise access."
    )
    return (Finding(False, words),)


def _purse(account: AccountRef) -> tuple[Finding, ...]:
    found = costs.purse(account)
    if not found:
        return (Finding(True, _("There is no monthly budget: X charges for every post.")),)
    words = _("This month $%(spent)s of $%(limit)s is spent.")
    return (Finding(not found.near, words % {"spent": costs.money(found.spent), "limit": costs.money(found.limit)}),)
