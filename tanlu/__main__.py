"""``python -m tanlu`` is the command ``tanlu``."""

from __future__ import annotations

from tanlu.cli import main

if __name__ == "__main__":
    main(prog_name="tanlu")
