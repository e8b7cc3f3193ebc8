"""The command line: `openline COMMAND`, thin commands over the rooms."""
