"""The worker: hears, understands, acts and speaks. Start as many as you like, on as many machines."""
