"""Real servers of others, started by the tests themselves: one module each, every one in its own folder and port."""
