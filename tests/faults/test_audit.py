"""The audit finds what it is there to find: for each law, one set of facts that breaks it and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.audit import Answer, Facts, Head, Row, judge, late
from tests.faults.chain_facts import OnChain
from tests.faults.client_log import Acknowledgement, Client
from tests.faults.figures import Figure
from tests.faults.merkle import leaf_hash, root, roots

COUNT = 9
FIGURES = tuple(Figure("aa", 2023, revision, 500 + revision, f"0{revision}", f"1{revision}") for revision in (1, 2))


def entry(number: int) -> bytes:
    return f"header.statement {number}.signature".encode()


def row(index: int) -> Row:
    data = entry(index)
    return Row(
        index, hashlib.sha256(data).hexdigest(), leaf_hash(data).hex(), data, (1, index), "key" if index < 2 else "x"
    )


def sound() -> Facts:
    """A log of nine entries, all acknowledged, in which nothing is wrong."""
    rows = [row(index) for index in range(COUNT)]
    leaves = [leaf_hash(item.entry) for item in rows]
    own = roots(leaves, {4, COUNT})
    acknowledged = [
        Acknowledgement(item.statement_id, item.index, item.leaf_hash, "accepted", 100, 40.0) for item in rows
    ]
    # A statement that was sent again is answered with its first acceptance.
    again = replace(acknowledged[3], status="repeated", integrate_by=None)
    heads = [Head(4, own[4].hex(), 0, 90), Head(COUNT, own[COUNT].hex(), 0, 95)]
    return Facts(
        client=Client([*acknowledged, again], signed=COUNT),
        rows=rows,
        answers={item.index: Answer(item.index, item.statement_id, item.leaf_hash, "final") for item in rows},
        newest=replace(heads[1], created_at=None),
        heads=heads,
        seen=[replace(heads[0], created_at=None)],
        chain=OnChain(
            (0, COUNT, own[COUNT]),
            ((0, 4, own[4]), (0, COUNT, own[COUNT])),
            ((b"a", b"1"), (b"b", b"2")),
            FIGURES,
            FIGURES[1:],
        ),
        contract_root=own[COUNT].hex(),
        outbox={"final": 4},
        keys=2,
        fees=(2, 3),
        figures=FIGURES,
    )


def test_a_sound_log_passes() -> None:
    assert judge(sound()) == []
    assert late(sound()) == (0, 0)


def lose(facts: Facts) -> None:
    facts.rows = facts.rows[:-1]


def log_twice(facts: Facts) -> None:
    facts.rows = [*facts.rows, replace(facts.rows[2], index=COUNT, place=(1, 99))]


def move(facts: Facts) -> None:
    first, second = facts.client.acknowledgements[:2]
    facts.client.acknowledgements[0] = replace(first, index=second.index)


def other_leaf(facts: Facts) -> None:
    facts.client.acknowledgements[5] = replace(facts.client.acknowledgements[5], leaf_hash="00" * 32)


def other_bytes(facts: Facts) -> None:
    facts.rows = [replace(item, entry=b"x.y.z") if item.index == 6 else item for item in facts.rows]


def leave_a_gap(facts: Facts) -> None:
    facts.rows = [replace(item, index=item.index + (item.index > 3)) for item in facts.rows]


def never_answer(facts: Facts) -> None:
    facts.client.acknowledgements = facts.client.acknowledgements[1:]


def refuse(facts: Facts) -> None:
    facts.client.refused.append({"problem": {"rule": "sequence.overlap"}})


def break_a_promise(facts: Facts) -> None:
    facts.client.broken.append({"why": "no promise"})


def answer_otherwise(facts: Facts) -> None:
    facts.answers = {**facts.answers, 4: replace(facts.answers[4], statement_id="00" * 32)}


def do_not_answer(facts: Facts) -> None:
    facts.answers = {index: item for index, item in facts.answers.items() if index != 4}


def stay_behind(facts: Facts) -> None:
    facts.newest = replace(facts.heads[0], created_at=None)


def sign_another_root(facts: Facts) -> None:
    facts.newest = replace(facts.newest, root="11" * 32)


def show_a_fork(facts: Facts) -> None:
    facts.seen = [replace(facts.seen[0], root="11" * 32)]


def show_too_much(facts: Facts) -> None:
    facts.seen = [replace(facts.seen[0], size=COUNT + 1)]


def keep_a_fork(facts: Facts) -> None:
    facts.heads = [replace(facts.heads[0], root="11" * 32), facts.heads[1]]


def stay_anchored(facts: Facts) -> None:
    facts.answers = {**facts.answers, 8: replace(facts.answers[8], state="anchored")}


def leave_writes(facts: Facts) -> None:
    facts.outbox = {"final": 3, "refused": 1}


def anchor_another_root(facts: Facts) -> None:
    facts.contract_root = "11" * 32


def anchor_less(facts: Facts) -> None:
    facts.chain = replace(facts.chain, head=(0, 4, bytes.fromhex(facts.heads[0].root)))


def anchor_twice(facts: Facts) -> None:
    facts.chain = replace(facts.chain, anchors=(*facts.chain.anchors, facts.chain.anchors[0]))


def anchor_a_fork(facts: Facts) -> None:
    facts.chain = replace(facts.chain, anchors=((0, 4, b"\x11" * 32), facts.chain.anchors[1]))


def enrol_twice(facts: Facts) -> None:
    facts.chain = replace(facts.chain, enrolled=(facts.chain.enrolled[0], facts.chain.enrolled[0]))


def forget_a_key(facts: Facts) -> None:
    facts.chain = replace(facts.chain, enrolled=facts.chain.enrolled[:1])


def register_twice(facts: Facts) -> None:
    facts.chain = replace(facts.chain, figures=(*FIGURES, FIGURES[0]))


def forget_a_figure(facts: Facts) -> None:
    facts.chain = replace(facts.chain, figures=FIGURES[1:])


def register_what_nobody_said(facts: Facts) -> None:
    facts.chain = replace(facts.chain, figures=(*FIGURES, replace(FIGURES[1], revision=3)))


def register_other_tonnes(facts: Facts) -> None:
    facts.chain = replace(facts.chain, figures=(FIGURES[0], replace(FIGURES[1], tonnes=999)))


def let_an_old_figure_stand(facts: Facts) -> None:
    facts.chain = replace(facts.chain, standing=FIGURES[:1])


def determine_on_chain(facts: Facts) -> None:
    facts.chain = replace(facts.chain, determined=1)


def raise_fees(facts: Facts) -> None:
    facts.fees = (2, 201)


def find_something(facts: Facts) -> None:
    facts.found.append("a signature does not verify")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (lose, "is in the log 0 times"),
        (log_twice, "is in the log 2 times"),
        (move, "was promised index 1"),
        (other_leaf, "was promised index 5"),
        (other_bytes, "entry 6 has another leaf hash than its bytes"),
        (leave_a_gap, "indexes are not 0 to 8"),
        (never_answer, "1 signed statements were never acknowledged"),
        (refuse, "a good statement was refused"),
        (break_a_promise, "an answer contradicts"),
        (answer_otherwise, "the service answers entry 4 otherwise"),
        (do_not_answer, "the service has no entry 4"),
        (stay_behind, "the newest checkpoint has size 4, the log 9 entries"),
        (sign_another_root, "the newest checkpoint of size 9 has root 1111"),
        (show_a_fork, "a checkpoint that the client saw of size 4 has root 1111"),
        (show_too_much, "a checkpoint that the client saw has size 10, beyond"),
        (keep_a_fork, "a checkpoint in the database of size 4 has root 1111"),
        (stay_anchored, "entry 8 ends anchored, not final"),
        (leave_writes, "1 chain writes end refused"),
        (anchor_another_root, "the contract knows root 1111"),
        (anchor_less, "the contract's head is epoch 0, size 4"),
        (anchor_twice, "size 4 of epoch 0 is anchored 2 times"),
        (anchor_a_fork, "an anchor on chain of size 4 has root 1111"),
        (enrol_twice, "took effect 2 times on chain"),
        (forget_a_key, "1 keys are enrolled on chain, 2 in the log"),
        (register_twice, "tonnes=501, report_leaf='01', verdict_leaf='11') is registered on chain 2 times"),
        (forget_a_figure, "tonnes=501, report_leaf='01', verdict_leaf='11') is registered on chain 0 times"),
        (register_what_nobody_said, "which nothing in the log says"),
        (register_other_tonnes, "tonnes=502, report_leaf='02', verdict_leaf='12') is registered on chain 0 times"),
        (let_an_old_figure_stand, "the registry holds [Figure(account='aa', year=2023, revision=1"),
        (determine_on_chain, "1 figures are determined on chain"),
        (raise_fees, "fee per gas went from 2 to 201 wei"),
        (find_something, "a signature does not verify"),
    ],
)
def test_each_fault_is_a_violation(fault: Callable[[Facts], None], told: str) -> None:
    facts = sound()
    fault(facts)
    violations = judge(facts)
    assert any(told in violation for violation in violations), violations


def test_a_promise_that_was_kept_late_is_counted_with_its_delay() -> None:
    facts = sound()
    facts.heads = [facts.heads[0], replace(facts.heads[1], created_at=107)]
    assert late(facts) == (5, 7)


def test_the_tree_is_that_of_rfc_9162_by_its_definition() -> None:
    def definition(leaves: list[bytes]) -> bytes:
        if not leaves:
            return hashlib.sha256().digest()
        if len(leaves) == 1:
            return leaves[0]
        split = 1 << (len(leaves) - 1).bit_length() - 1
        left, right = definition(leaves[:split]), definition(leaves[split:])
        return hashlib.sha256(b"\x01" + left + right).digest()

    leaves = [leaf_hash(entry(number)) for number in range(40)]
    assert roots(leaves, range(41)) == {size: definition(leaves[:size]) for size in range(41)}
    assert root(leaves) == definition(leaves)
