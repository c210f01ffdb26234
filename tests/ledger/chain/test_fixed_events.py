"""Events taken apart by one cut of their bytes: what the general decoder says of each, for every event we know."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.abi import _event_arguments, _types
from ledger.chain.contracts import EXCHANGE, NAMES, load_artifact
from ledger.chain.errors import ChainUnavailable
from ledger.chain.events import ChainEvent, _json_value
from ledger.chain.fixed_events import fixed_event
from ledger.chain.rpc import BlockRef
from ledger.chain.wire import Log

EVENTS = {
    f"{name}.{entry['name']}": (name, topic, entry)
    for name in NAMES
    for topic, entry in load_artifact(name).abi.events()
}
FIXED = {name: event for name, event in EVENTS.items() if fixed_event(event[2]["inputs"]) is not None}
VARIABLE = {"string", "bytes", "tuple", "address[]", "bytes32[]"}
NOWHERE = BlockRef(1, bytes(32))
HOT = {"Settled", "Moved", "Deposited", "OrderCancelled", "Swept", "Released", "Withdrawn", "PaidOut"}


def values(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[2]"):
        return st.tuples(values(kind[:-3]), values(kind[:-3]))
    if kind == "bool":
        return st.booleans()
    if kind == "address":
        return st.binary(min_size=20, max_size=20)
    if kind.startswith("uint"):
        return st.integers(0, 2 ** int(kind[4:]) - 1)
    return st.binary(min_size=int(kind[5:]), max_size=int(kind[5:]))


@st.composite
def logs(draw: Any) -> tuple[str, Log]:
    name = draw(st.sampled_from(sorted(FIXED)))
    _, topic, entry = FIXED[name]
    indexed, plain = ([item for item in entry["inputs"] if item["indexed"] is flag] for flag in (True, False))
    topics = [encode(_types([item]), [draw(values(item["type"]))]) for item in indexed]
    data = encode(_types(plain), [draw(values(item["type"])) for item in plain])
    return name, Log(bytes(20), (topic, *topics), data, 1, bytes(32), bytes(32), 0)


def judged(name: str, log: Log) -> Any:
    """What the general decoder says."""
    try:
        return _event_arguments(EVENTS[name][2]["inputs"], log)
    except Exception:
        return None


def told(name: str, log: Log) -> Any:
    contract, _, entry = EVENTS[name]
    try:
        found = load_artifact(contract).abi.event(log)
    except ChainUnavailable:
        return None
    assert found is not None
    assert found[0] == entry["name"]
    return found[1]


def test_only_members_of_variable_length_keep_an_event_from_being_cut() -> None:
    left = {name: {item["type"] for item in EVENTS[name][2]["inputs"]} for name in set(EVENTS) - set(FIXED)}
    assert all(kinds & VARIABLE for kinds in left.values()), left
    assert {f"{EXCHANGE}.{name}" for name in HOT} <= set(FIXED)


@given(logs())
def test_a_cut_event_is_what_the_general_decoder_says(drawn: tuple[str, Log]) -> None:
    name, log = drawn
    form = load_artifact(FIXED[name][0]).abi.fixed(log.topics[0])
    assert form is not None
    members = form.decode(log)
    assert members is not None
    assert members == judged(name, log) == told(name, log)
    event = ChainEvent(NOWHERE, 0, bytes(32), *FIXED[name][:1], FIXED[name][2]["name"], members, 0, form)
    plain = json.dumps(members, default=_json_value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert event.args_json() == plain == replace(event, form=None).args_json()


@given(logs(), st.data())
def test_a_spoilt_event_is_refused_where_the_general_decoder_refuses_it(drawn: tuple[str, Log], data: Any) -> None:
    """A bit is another, bytes are missing or too many, a topic is missing: same members, or no answer from either."""
    name, log = drawn
    words = b"".join(log.topics[1:]) + log.data
    topics = len(log.topics) - 1
    match data.draw(st.sampled_from(["bit", "cut", "longer", "topic"])):
        case "bit" if words:
            at = data.draw(st.integers(0, 8 * len(words) - 1))
            spoilt = (int.from_bytes(words, "big") ^ 1 << at).to_bytes(len(words), "big")
            again = [spoilt[32 * place : 32 * place + 32] for place in range(topics)]
            log = replace(log, topics=(log.topics[0], *again), data=spoilt[32 * topics :])
        case "cut":
            log = replace(log, data=log.data[: data.draw(st.integers(0, max(0, len(log.data) - 1)))])
        case "longer":
            log = replace(log, data=log.data + data.draw(st.binary(min_size=1, max_size=40)))
        case _:
            log = replace(log, topics=log.topics[: max(1, topics)])
    assert told(name, log) == judged(name, log)


@pytest.mark.parametrize("kind", ["uint256", "uint12", "string", "bytes", "bytes33", "bytes0", "tuple", "bool[2][2]"])
def test_what_is_wider_or_of_variable_length_is_left_to_the_general_decoder(kind: str) -> None:
    assert fixed_event([{"name": "x", "type": kind, "indexed": False}]) is None
    assert fixed_event([{"name": "x", "type": "address[2]", "indexed": True}]) is None
