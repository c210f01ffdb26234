"""From error to status: one table, complete over both trees, and no input that becomes a 5xx."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import attestation.errors
import ledger.chain.errors
import ledger.errors
from api.app import create_app
from api.errors import STATUS, problem_of, status_of
from ledger.errors import Integrity, ReceiptNotReady, Retryable, TileCorrupt


def _classes(module: Any, base: type[Exception]) -> Iterator[type[Exception]]:
    for _, found in inspect.getmembers(module, inspect.isclass):
        if issubclass(found, base):
            yield found


def _status(kind: type[Exception]) -> int:
    return next(STATUS[parent] for parent in kind.__mro__ if parent in STATUS)


@pytest.mark.parametrize("kind", list(_classes(attestation.errors, attestation.errors.AttestationError)))
def test_no_refusal_of_a_statement_is_a_5xx(kind: type[Exception]) -> None:
    assert 400 <= _status(kind) < 500


@pytest.mark.parametrize("module", [ledger.errors, ledger.chain.errors])
def test_the_ledgers_families_decide_the_status(module: Any) -> None:
    for kind in _classes(module, ledger.errors.LedgerError):
        if issubclass(kind, ReceiptNotReady):
            assert _status(kind) == 409
        elif issubclass(kind, Retryable):
            assert _status(kind) == 503
        elif issubclass(kind, Integrity):
            assert _status(kind) == 500
        elif issubclass(kind, ledger.errors.Refusal):
            assert 400 <= _status(kind) < 500


def test_the_rule_decides_where_it_says_more_than_the_family() -> None:
    too_long = attestation.errors.StatementMalformed(rule="entry.size", value=1, expected=1, message="", message_zh="")
    assert status_of(too_long) == 413


def test_an_unknown_error_says_nothing_of_itself() -> None:
    found = problem_of(RuntimeError("password=hunter2"), "/v1/x")
    assert found["status"] == 500
    assert "hunter2" not in str(found)


async def test_an_accident_in_a_route_is_a_500_problem_without_a_trace(
    park: Any, connect: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(index: int) -> None:
        raise RuntimeError(f"secret {index}")

    monkeypatch.setattr(park.view, "entry", broken, raising=True)
    async with connect(create_app(park.service())) as http:
        answer: httpx.Response = await http.get("/v1/entries/0")
    problem(answer, 500, "internal.error")
    assert "secret" not in answer.text


async def test_an_integrity_error_in_a_route_stops_the_service(
    park: Any, connect: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def corrupt(index: int) -> None:
        raise TileCorrupt("tile 3 is short", rule="tile.length", value=index, expected=32)

    monkeypatch.setattr(park.view, "entry", corrupt, raising=True)
    async with connect(create_app(park.service())) as http:
        answer = await http.get("/v1/entries/0")
    problem(answer, 500, "tile.length")
    assert "tile 3" not in answer.text
    assert [type(error) for error in park.failures] == [TileCorrupt]
