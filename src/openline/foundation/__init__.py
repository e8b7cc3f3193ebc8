"""What every room stands on: database, ids, events, secrets, clean text, logging."""
