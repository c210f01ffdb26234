"""Evidence of a broken promise: what was sent and what was answered, kept in a file before anything is raised."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from tanlu.errors import PromiseBroken


def keep(folder: Path, error: PromiseBroken, **facts: object) -> PromiseBroken:
    """Write `facts` (text, numbers, lists of them) and the error to a new file in `folder`; name it in the error.

    The file is on disk when this returns, so that a crash of the caller does not lose it.
    """
    document = {"v": 1, "type": "broken-promise", "kept_at": int(time.time()), "error": error.as_dict(), **facts}
    data = json.dumps(document, ensure_ascii=False, indent=1, default=str).encode()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{error.rule}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    path = folder / name
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    error.evidence = path
    return error
