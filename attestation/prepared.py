"""Types of JSON that threads read, made ready one at a time.

msgspec puts together what it knows of a struct when the first value of it is read. A second thread that reads one
meanwhile finds half of that, and the process ends by a signal (seen with 0.22: in a client whose threads began at one
moment). So a decoder is made by one thread at a time, and is whole before anybody has it; of a type that is prepared
`msgspec.convert` is safe too.
"""

from __future__ import annotations

import threading
from typing import TypeVar, cast

import msgspec

T = TypeVar("T")

_making = threading.Lock()
_made: dict[object, object] = {}


def prepared(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of a type, the same at every call. Raises TypeError for what msgspec has no decoder of."""
    found = _made.get(kind)
    if found is None:
        with _making:
            found = _made.get(kind)
            if found is None:
                found = _made[kind] = msgspec.json.Decoder(kind)
    return cast("msgspec.json.Decoder[T]", found)
