"""A ranking to what a reader sees: evidence, hits, marks, reasons, entries, suggestions."""
