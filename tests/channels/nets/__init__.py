"""One module a network: its real server, the city's account there, and residents who use it by their own means.

A module here has `start(folder)`, a context manager that yields its `Net`; the suite finds it by itself.
"""
