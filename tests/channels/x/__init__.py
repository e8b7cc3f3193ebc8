"""The X channel, against its emulator; both held against X's own documents where those are at hand."""
