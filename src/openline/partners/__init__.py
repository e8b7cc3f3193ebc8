"""Partners: who works on the city's requests in systems of their own, and how each request stands there."""
