"""PDF: letters with their places become columns, rows, paragraphs."""
