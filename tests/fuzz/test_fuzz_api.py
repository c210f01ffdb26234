"""The short form of `make fuzz-api`: a few requests for each route × role."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz import fuzz_api
from tests.fuzz.world import ROLES

REQUESTS = 4


def test_every_answer_to_every_role_is_one_that_the_document_describes(tmp_path: Path) -> None:
    fuzz = fuzz_api.run(tmp_path, REQUESTS, number=20_261_121)
    for operation in fuzz.operations:
        for role in ROLES:
            seen = sum(count for (name, who, _), count in fuzz.seen.items() if (name, who) == (operation, role))
            assert seen >= REQUESTS, (operation, role)
