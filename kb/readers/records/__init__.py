"""Tables and JSON: an article a record, whatever its fields are called."""
