"""A library in PostgreSQL, with pgvector: an extra. Everything of it lives there; whoever opens it needs an
address and the model."""
