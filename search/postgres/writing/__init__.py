"""A generation on its way into PostgreSQL: what one server gets of it, and how all of them get it."""
