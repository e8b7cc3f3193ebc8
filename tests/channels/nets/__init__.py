"""One module a network: its real server, the city's account there, and residents who use it by their own means."""
