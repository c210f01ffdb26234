"""Writes the committed document ``docs/openapi.json``: ``python -m api.openapi``; a test compares the two."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fastapi import FastAPI

from api.app import create_app

PATH = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def text(app: FastAPI) -> str:
    """The document as it is committed."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the committed document."""
    PATH.write_text(text(create_app(None)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
