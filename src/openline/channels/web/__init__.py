"""The city's own web pages as a network: what is written there, and what other sites write about them."""
