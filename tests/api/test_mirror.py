"""The log page by page over HTTP: whole pages of signed size, for overseers, each request in the log of reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ledger.archive.pages import PAGE_ENTRIES
from tests.api.conftest import Park

Problem = Callable[[httpx.Response, int, str], dict[str, Any]]


@pytest.fixture
def size(park: Park) -> int:
    """Entries of the newest head; there are more than that."""
    park.sequencer.step()
    park.log.submit([park.reading(seq) for seq in range(1, 4)])
    return park.view.state().tree_size


async def test_what_can_be_mirrored(http: httpx.AsyncClient, park: Park, size: int) -> None:
    found = (await http.get("/v1/mirror")).json()
    assert found == {
        "log": park.origin,
        "size": size,
        "page_entries": PAGE_ENTRIES,
        "final": None,
        "deployment": None,
    }


async def test_a_page_has_the_entries_of_its_size_as_they_were_signed(
    http: httpx.AsyncClient, park: Park, size: int
) -> None:
    answer = await http.get("/v1/mirror/entries/0", params={"size": size})
    assert answer.headers["content-type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["index"] for row in rows] == list(range(size))
    for row in rows:
        known = park.view.entry(row["index"])
        assert known is not None
        assert (row["entry"].encode(), row["accepted_at"]) == (known.entry, known.accepted_at)


@pytest.mark.parametrize(("page", "size"), [(1, 3), (0, 0), (0, 1_000), (1, 1_000_000)])
async def test_a_page_that_is_not_whole_is_none(
    http: httpx.AsyncClient, problem: Problem, page: int, size: int
) -> None:
    body = problem(await http.get(f"/v1/mirror/entries/{page}", params={"size": size}), 404, "mirror.page")
    assert body["value"] == f"{page} of {size} entries"


async def test_heads_are_those_up_to_the_size(http: httpx.AsyncClient, park: Park, size: int) -> None:
    park.sequencer.step()
    answer = await http.get("/v1/mirror/heads", params={"size": size})
    (head,) = (json.loads(line) for line in answer.text.splitlines())
    assert (head["size"], head["note"]) == (size, park.view.checkpoint(size))
    assert (await http.get("/v1/mirror/refused", params={"size": size})).text == ""


async def test_a_second_statement_is_handed_out_as_it_was_kept(http: httpx.AsyncClient, park: Park) -> None:
    second = park.reading(1, "9.99")
    park.log.submit([park.reading(1), second])
    park.sequencer.step()
    found = park.view.state().tree_size
    answer = await http.get("/v1/mirror/equivocations", params={"size": found})
    (line,) = (json.loads(text) for text in answer.text.splitlines())
    assert line == {"index": found - 1, "entry": second.decode()}


@pytest.mark.parametrize("part", ["applications", "reads", "entries"])
async def test_what_else_there_is_is_not_handed_out(http: httpx.AsyncClient, part: str) -> None:
    assert (await http.get(f"/v1/mirror/{part}", params={"size": 1})).status_code in {404, 422}


async def test_who_mirrored_what_is_in_the_log_of_reads(http: httpx.AsyncClient, size: int) -> None:
    await http.get("/v1/mirror")
    await http.get("/v1/mirror/entries/0", params={"size": size})
    await http.get("/v1/mirror/heads", params={"size": size})
    rows = (await http.get("/v1/reads")).json()["reads"]
    objects = {row["object"] for row in rows}
    assert {"mirror", f"entries 0 to {size - 1}", f"heads of {size} entries"} <= objects
