"""Markdown and its dialects: rows, blocks, inline marks."""
