"""Texts to vectors: the bundled model and how it is prepared, other models by name, and what was encoded
before."""
