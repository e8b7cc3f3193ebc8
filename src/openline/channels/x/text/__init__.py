"""How X counts a text, and what it takes for links, names and tags in it: twitter-text 3.1, configuration v3."""
