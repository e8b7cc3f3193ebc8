"""The composer: one page on which a post is written for all accounts."""
