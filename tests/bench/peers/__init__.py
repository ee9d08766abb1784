"""Rosetta against its peers in one run: same texts, same weights, medians and ratios. `make bench-peers`.

The driver (``python -m peers``) runs in the project's environment; each system answers in a process of its
own, over JSON lines (``protocol``). README.md says what is held equal, what is not, and what follows.
"""
