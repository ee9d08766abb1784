"""The library's own dictionary: its terms, their counterparts in other languages, and what a query's words
mean."""
