"""`python -m openline`."""

from openline.cli import main

main()
