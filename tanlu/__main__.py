"""``python -m tanlu``: the command ``tanlu``."""

from __future__ import annotations

from tanlu.cli import main

main()
