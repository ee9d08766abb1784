"""Words: how a text is cut into them, folded and lemmatised, and what the background set says in every
language."""
