"""A source file becomes an article, and an article passages."""
