"""`openline`, the one command: Django's management commands under one name."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `openline COMMAND ...`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    from django.core.management import ManagementUtility

    utility = ManagementUtility(["openline", *sys.argv[1:]])
    utility.prog_name = "openline"
    utility.execute()


if __name__ == "__main__":
    main()
