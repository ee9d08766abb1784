"""Ways out: an article as HTML, articles as Markdown files."""
