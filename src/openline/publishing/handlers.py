"""What follows for posts from what becomes of their deliveries."""
