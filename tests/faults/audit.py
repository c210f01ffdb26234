"""What must hold after any number of hard kills, judged over facts that were gathered before.

`judge` is pure: every law is shown to fail in `test_audit.py`. Each law is read from two sides where there are two:
the service's answers and the database's rows; the client's own hashes and the log's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.chain_facts import OnChain
from tests.faults.client_log import Client
from tests.faults.figures import Figure, figures_on_chain_once
from tests.faults.market_audit import MarketFacts, judge_market
from tests.faults.merkle import leaf_hash, roots

_SHOWN = 5
MOST_FEE_GROWTH = 100
"""A sender that raises its own fees without end runs out of money; replacing a stuck transaction needs far less."""


@dataclass(frozen=True)
class Row:
    """One row of the database's table of entries. `issuer`, `stream`, `seq` name its place."""

    index: int
    statement_id: str
    leaf_hash: str
    entry: bytes
    place: tuple[int, int]
    type: str


@dataclass(frozen=True)
class Answer:
    """What the service says of one entry."""

    index: int
    statement_id: str
    leaf_hash: str
    state: str


@dataclass(frozen=True)
class Head:
    """A cosigned checkpoint: size, root (hex), epoch; `created_at` where the database has it."""

    size: int
    root: str
    epoch: int = 0
    created_at: int | None = None


@dataclass
class Facts:
    """Everything that is judged. `seen` are the heads of the notes that the client wrote down, signatures verified;
    `fees` the lowest and the highest fee per gas (wei) that the last transaction of any chain write offered; `figures`
    what the logged registrations say, by their own bytes; `market`: of a round that trades. `outbox`: chain writes by
    state, a refused settlement as `undone`."""

    client: Client
    rows: Sequence[Row]
    answers: Mapping[int, Answer]
    newest: Head
    heads: Sequence[Head]
    seen: Sequence[Head]
    chain: OnChain
    contract_root: str
    outbox: Mapping[str, int]
    keys: int
    fees: tuple[int, int]
    figures: Sequence[Figure] = ()
    market: MarketFacts | None = None
    found: list[str] = field(default_factory=list)


def judge(facts: Facts) -> list[str]:
    """The violations, at most a few of each kind spelled out; empty if every law holds."""
    laws: list[Callable[[Facts], Iterator[str]]] = [
        _client_was_answered_rightly,
        _acknowledged_once_at_the_promised_index,
        _log_has_no_gap_and_nothing_twice,
        _service_and_database_agree,
        _tree_is_that_of_the_entries,
        _every_head_seen_is_a_prefix,
        _everything_is_final,
        _chain_holds_the_newest_head_once,
        _keys_are_on_chain_once,
        _figures_are_on_chain_once,
        _fees_do_not_run_away,
    ]
    violations = list(facts.found)
    for law in laws:
        broken = list(law(facts))
        violations += broken[:_SHOWN]
        if len(broken) > _SHOWN:
            violations.append(f"… and {len(broken) - _SHOWN} more of these ({law.__name__.strip('_')})")
    return violations if facts.market is None else [*violations, *judge_market(facts.market)]


def late(facts: Facts) -> tuple[int, int]:
    """How many promised entries came into a head later than promised, and the longest delay in seconds.

    With processes down for a while this may happen; it is reported, not judged.
    """
    times = sorted((head.size, head.created_at) for head in facts.heads if head.created_at is not None)
    count = worst = 0
    for item in facts.client.acknowledgements:
        if item.integrate_by is None:
            continue
        integrated = next((at for size, at in times if size > item.index), None)
        if integrated is not None and integrated > item.integrate_by:
            count += 1
            worst = max(worst, integrated - item.integrate_by)
    return count, worst


def _client_was_answered_rightly(facts: Facts) -> Iterator[str]:
    for record in facts.client.refused:
        yield f"a good statement was refused: {record['problem']}"
    for record in facts.client.broken:
        yield f"an answer contradicts what was sent or promised: {record}"
    missing = facts.client.signed - len(facts.client.statements)
    if missing:
        yield f"{missing} signed statements were never acknowledged"


def _acknowledged_once_at_the_promised_index(facts: Facts) -> Iterator[str]:
    places: dict[str, list[Row]] = {}
    for row in facts.rows:
        places.setdefault(row.statement_id, []).append(row)
    for item in facts.client.acknowledgements:
        logged = places.get(item.statement_id, [])
        if len(logged) != 1:
            yield f"acknowledged statement {item.statement_id} is in the log {len(logged)} times"
        elif (logged[0].index, logged[0].leaf_hash) != (item.index, item.leaf_hash):
            yield (
                f"acknowledged statement {item.statement_id} was promised index {item.index} with leaf "
                f"{item.leaf_hash}, is at {logged[0].index} with {logged[0].leaf_hash}"
            )


def _log_has_no_gap_and_nothing_twice(facts: Facts) -> Iterator[str]:
    indexes = [row.index for row in facts.rows]
    if indexes != list(range(len(indexes))):
        yield f"the log's indexes are not 0 to {len(indexes) - 1}, each once"
    for what, counts in (
        ("statement", Counter(row.statement_id for row in facts.rows)),
        ("place in a stream", Counter(str(row.place) for row in facts.rows)),
    ):
        yield from (f"{what} {name} is in the log {count} times" for name, count in counts.items() if count > 1)
    for row in facts.rows:
        if leaf_hash(row.entry).hex() != row.leaf_hash:
            yield f"entry {row.index} has another leaf hash than its bytes"
    # Nobody but the client submits: what it was never told may still be in the log, what it never signed may not.
    if len(facts.rows) != facts.client.signed:
        yield f"{len(facts.rows)} entries in the log, {facts.client.signed} statements were signed"


def _service_and_database_agree(facts: Facts) -> Iterator[str]:
    for row in facts.rows:
        answer = facts.answers.get(row.index)
        if answer is None:
            yield f"the service has no entry {row.index}"
        elif (answer.index, answer.statement_id, answer.leaf_hash) != (row.index, row.statement_id, row.leaf_hash):
            yield f"the service answers entry {row.index} otherwise than the database: {answer}"


def _tree_is_that_of_the_entries(facts: Facts) -> Iterator[str]:
    if facts.newest.size != len(facts.rows):
        yield f"the newest checkpoint has size {facts.newest.size}, the log {len(facts.rows)} entries"
    yield from _not_roots_of(facts, [facts.newest], "the newest checkpoint")


def _every_head_seen_is_a_prefix(facts: Facts) -> Iterator[str]:
    yield from _not_roots_of(facts, facts.seen, "a checkpoint that the client saw")
    yield from _not_roots_of(facts, facts.heads, "a checkpoint in the database")


def _not_roots_of(facts: Facts, heads: Sequence[Head], what: str) -> Iterator[str]:
    own = roots([leaf_hash(row.entry) for row in facts.rows], {head.size for head in heads})
    for head in heads:
        if head.size not in own:
            yield f"{what} has size {head.size}, beyond the log's {len(facts.rows)} entries"
        elif own[head.size].hex() != head.root:
            yield f"{what} of size {head.size} has root {head.root}, the entries give {own[head.size].hex()}"


def _everything_is_final(facts: Facts) -> Iterator[str]:
    for answer in facts.answers.values():
        if answer.state != "final":
            yield f"entry {answer.index} ends {answer.state}, not final"
    undone = 0 if facts.market is None else len(facts.market.undone)
    for state, count in facts.outbox.items():
        if state != "final" and count != (undone if state == "undone" else 0):
            yield f"{count} chain writes end {state}, not final"


def _chain_holds_the_newest_head_once(facts: Facts) -> Iterator[str]:
    epoch, size, root = facts.chain.head
    if (epoch, size, root.hex()) != (facts.newest.epoch, facts.newest.size, facts.newest.root):
        yield f"the contract's head is epoch {epoch}, size {size}, root {root.hex()}; the log's {facts.newest}"
    if facts.contract_root != facts.newest.root:
        yield f"the contract knows root {facts.contract_root} for size {facts.newest.size}, the log {facts.newest.root}"
    counts = Counter((epoch, size) for epoch, size, _ in facts.chain.anchors)
    yield from (f"size {size} of epoch {epoch} is anchored {n} times" for (epoch, size), n in counts.items() if n > 1)
    anchored = [Head(size, root.hex(), epoch) for epoch, size, root in facts.chain.anchors]
    yield from _not_roots_of(facts, anchored, "an anchor on chain")


def _keys_are_on_chain_once(facts: Facts) -> Iterator[str]:
    for what, counts in (
        ("key", Counter(key.hex() for key, _ in facts.chain.enrolled)),
        ("operation", Counter(operation.hex() for _, operation in facts.chain.enrolled)),
    ):
        yield from (f"{what} {name} took effect {n} times on chain" for name, n in counts.items() if n > 1)
    if len(facts.chain.enrolled) != facts.keys:
        yield f"{len(facts.chain.enrolled)} keys are enrolled on chain, {facts.keys} in the log"


def _figures_are_on_chain_once(facts: Facts) -> Iterator[str]:
    yield from figures_on_chain_once(facts.figures, facts.chain.figures, facts.chain.standing)
    if facts.chain.determined:
        yield f"{facts.chain.determined} figures are determined on chain, nobody did that"


def _fees_do_not_run_away(facts: Facts) -> Iterator[str]:
    lowest, highest = facts.fees
    if highest > MOST_FEE_GROWTH * lowest:
        yield f"the relayer's fee per gas went from {lowest} to {highest} wei"
