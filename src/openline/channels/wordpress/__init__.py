"""WordPress: the city's blog, its pages and the comments under them."""
