"""What the service writes to standard error: one line per event, JSON or text, each with the request it belongs to.

The request's id travels in a context variable, which follows the request into worker threads. Nothing here writes
headers, bodies, tokens or query strings.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

REQUEST_ID: ContextVar[str | None] = ContextVar("tanlu_request_id", default=None)
"""The id of the request that this code runs for; None outside of requests."""

ACCESS = logging.getLogger("tanlu.access")
"""One line per request."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


def request_id(given: str | None) -> str:
    """A caller's ``X-Request-Id``, if it is 8 to 64 letters, digits, ``.``, ``_`` or ``-``; else a new one."""
    if given is not None and _WELL_FORMED.fullmatch(given):
        return given
    return secrets.token_hex(8)


class _Request(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = REQUEST_ID.get()
        return True


class JsonLines(logging.Formatter):
    """One JSON object per line: time (RFC 3339, UTC), level, logger, thread, message, request_id, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
        }
        if (found := getattr(record, "request_id", None)) is not None:
            line["request_id"] = found
        line |= _fields(record)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """The same for people: time, level, logger, message, then ``name=value`` pairs."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line, and a trace below it where there is one."""
        pairs = dict(_fields(record))
        if (found := getattr(record, "request_id", None)) is not None:
            pairs["request_id"] = found
        text = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}"
        text += "".join(f" {name}={value}" for name, value in pairs.items())
        return text if not record.exc_info else f"{text}\n{self.formatException(record.exc_info)}"


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    found: Mapping[str, object] = getattr(record, "fields", {})
    return found


def configure(level: str, form: str) -> None:
    """Everything that is logged goes to standard error; ``form`` is ``json`` or ``text``."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    handler.addFilter(_Request())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # One line per request of the witness client says nothing; uvicorn's own words about its life neither.
    for name in ("httpx", "alembic", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
