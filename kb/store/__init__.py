"""One SQLite file that keeps every article, and what it was at each generation."""
