"""``python -m webapp`` is ``kb``."""

from webapp.cli import main

main()
