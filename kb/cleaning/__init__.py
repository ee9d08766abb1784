"""Mending what is broken, telling page furniture from what an author wrote, and titles, headings and lists
from prose."""
