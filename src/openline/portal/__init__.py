"""The public pages: what everybody may see, read and follow."""
