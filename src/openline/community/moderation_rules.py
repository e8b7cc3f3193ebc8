"""The published rules of the discussions: the only reasons for which a person of the city hides words.

None of them is about a view that somebody has. They are public (`/discussion-rules/`), and whoever flags, hides or
refuses something names one of them.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_RULES: dict[str, tuple[Promise, Promise]] = {
    "threat": (_("No threats"), _("Nobody is threatened with violence, and nobody is called to it.")),
    "insult": (_("No insults"), _("Criticize what somebody did, as sharply as you like. Do not abuse the person.")),
    "hatred": (_("No hatred of a group"), _("Nobody is degraded for where they come from, what they believe, whom they"
                                            " love, or how they were born.")),
    "personal": (_("No personal data of others"), _("No addresses, telephone numbers, license plates, names or faces of"
                                                    " people who did not agree.")),
    "spam": (_("No advertising"), _("Nothing is sold here, and the same is not said again and again.")),
    "unlawful": (_("Nothing against the law"), _("No calls to break it, and nothing that a court would forbid.")),
    "off_topic": (_("Talk about what happens here"), _("What has nothing to do with the request or the topic stands"
                                                       " elsewhere.")),
}  # fmt: skip


def choices() -> list[tuple[str, str]]:
    """Code and name of every rule, in the reader's language."""
    return [(code, str(name)) for code, (name, _words) in _RULES.items()]


def published() -> list[tuple[str, str, str]]:
    """Code, name and words of every rule, in the reader's language."""
    return [(code, str(name), str(words)) for code, (name, words) in _RULES.items()]


def name(code: str) -> str:
    """The name of a rule; the code itself for one that is there no more."""
    return str(_RULES[code][0]) if code in _RULES else code
