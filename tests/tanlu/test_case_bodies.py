"""``tanlu sign TYPE BODY.json`` takes the body of every step of a case."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from tanlu.errors import InputRefused
from tanlu.signing import read_body
from tests.ledger.effects.test_cases import whole_case
from tests.ledger.mirrored import Mirror


def test_each_body_comes_back_from_its_file(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    whole_case(mirror)
    mirror.case.end()
    seen = set()
    for logged in mirror.memory.entries:
        statement = logged.statement
        path = tmp_path / f"{logged.index}.json"
        path.write_bytes(msgspec.json.encode(statement.body))
        assert read_body(statement.type, path) == statement.body
        seen.add((statement.type, getattr(statement.body, "action", None)))
    mirror.database.close()
    assert seen >= {
        *(("assignment", action) for action in ("open-draw", "contribute", "draw", "appoint", "end")),
        *(("objection", action) for action in ("object", "decide")),
        *((type_, None) for type_ in ("plan", "finding", "verification", "registration")),
    }


def test_what_is_no_body_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    path.write_text(
        json.dumps({"action": "decide", "objection": "ab" * 32, "upheld": "yes", "reason": "heard"}), "utf-8"
    )
    with pytest.raises(InputRefused, match="upheld"):
        read_body("objection", path)
