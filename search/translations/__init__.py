"""Which articles are the same text in another language, and which passages say the same."""
