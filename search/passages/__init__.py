"""Passages kept to be found: vectors, tokens, postings and phrases, behind one seam."""
