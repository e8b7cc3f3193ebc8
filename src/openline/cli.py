"""`openline`, the one command: Django's management commands under one name."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run `openline COMMAND ...`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    gc.disable()  # what is loaded stays: to look for garbage in it, again and again, takes a seventh of the start
    import django
    from django.core.management import ManagementUtility

    django.setup()
    gc.freeze()
    gc.enable()
    utility = ManagementUtility(["openline", *sys.argv[1:]])
    utility.prog_name = "openline"
    utility.execute()


if __name__ == "__main__":
    main()
