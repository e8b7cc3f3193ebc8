"""What neighbors do on the public pages: join, follow, and their own page."""
