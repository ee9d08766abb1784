"""A query to a ranking: what it asks, its pool of passages, both legs, and one order that is fair to every
language."""
