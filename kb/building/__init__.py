"""A build's way from paths to articles: what is found, what has changed, and the processes that read it."""
