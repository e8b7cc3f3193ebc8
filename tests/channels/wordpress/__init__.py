"""What is peculiar to WordPress, on a real site of Debian's WordPress."""
