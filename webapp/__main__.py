"""``python -m webapp`` is ``kb``."""

from webapp.terminal.cli import main

main()
