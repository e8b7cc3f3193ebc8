"""What to do about a publication that did not go out, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openline.publishing.models import Variant
from openline.publishing.states import VariantState

_BY_KIND: dict[str, str | Promise] = {
    "TokenExpired": gettext_lazy(
        "The network refuses our token: an administrator connects the account again, then try it again."
    ),
    "Rejected": gettext_lazy(
        "The network refuses this very content. Give it up here, and write it anew for this account as it takes it."
    ),
    "NotAllowed": gettext_lazy("The network does not let this account do that. Look at the account on the network."),
    "NetworkDown": gettext_lazy("The network could not be reached. Try it again when it is back."),
    "RateLimited": gettext_lazy("The network asked us to wait. Try it again later."),
    "TooLate": gettext_lazy("It would have come too late. Plan it again if it is still true, or give it up."),
    "Unclear": gettext_lazy(
        "It may stand there already. Trying again looks for it first, so that it is not said twice."
    ),
}


def what_to_do(variant: Variant) -> str:
    """The next step for a person; "" where there is none."""
    if variant.state == VariantState.MISSED:
        return str(_BY_KIND["TooLate"])
    if variant.state == VariantState.HELD:
        return _("Held back while nothing but alerts goes out. It leaves when that is over, or when you plan it again.")
    if variant.state != VariantState.FAILED:
        return ""
    kind = variant.delivery.error_kind if variant.delivery else ""
    return str(_BY_KIND.get(kind, _("Try it again. It is looked for on the network first.")))
