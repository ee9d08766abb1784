"""How good the ranking and the answers are, on labelled questions."""
