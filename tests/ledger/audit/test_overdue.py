"""A promise that was not kept is evidence against the operator; one that was kept is never called broken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.keys import Algorithm, PrivateKey
from ledger import promises
from ledger.audit import store_evidence
from ledger.audit.evidence import EntryRow, HeadRow
from ledger.audit.overdue import check_promise
from ledger.checkpoint import Checkpoint, SignatureKind, SignerKey, sign
from ledger.errors import LedgerError, Malformed, PromiseNotKept, SignatureInvalid
from ledger.merkle import leaf_hash, tree_root
from ledger.trust import Trust
from tests.ledger.fsck.stores import Maker

DEPLOYMENT = bytes(range(32))
LOG = f"tanlu.test/log/{DEPLOYMENT.hex()}"
ACCEPTED, WITHIN = 1_750_000_000, 60
DUE = ACCEPTED + WITHIN
LOG_KEY, NOTARY, OTHER = (PrivateKey(Algorithm.ED25519, bytes([seed] * 32)) for seed in (1, 2, 3))
SIGNER = SignerKey(LOG, SignatureKind.ED25519, LOG_KEY)
WITNESS = SignerKey("witness.test", SignatureKind.COSIGNATURE, NOTARY)
TRUST = Trust(
    log=LOG,
    log_key=SIGNER.verifier,
    witnesses=(WITNESS.verifier,),
    witness_quorum=1,
    registrar_identifier="88.608.1/PARK",
    registrar=OTHER.public,
    deployment_id=DEPLOYMENT,
    chain_id=31337,
    evidence_log=b"\x11" * 20,
    identifier_registry=b"\x22" * 20,
    cosigners=(b"\x33" * 20,),
    cosigner_threshold=1,
)
ENTRIES = [f"entry {number}".encode() for number in range(12)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@dataclass
class Evidence:
    """As much of an archive's log as a promise is held against."""

    held: list[bytes] = field(default_factory=lambda: list(ENTRIES))

    def count(self) -> int:
        return len(self.held)

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        for index, entry in enumerate(self.held[first : last + 1], first):
            yield EntryRow(index, ACCEPTED, entry, {})


def promised(first: int, count: int, *, key: PrivateKey = LOG_KEY, log: str = LOG) -> str:
    return promises.sign(promises.make(log, first, LEAVES[first : first + count], ACCEPTED, DUE), key)


def head(size: int, at: int, *, signer: SignerKey = SIGNER, witness: SignerKey = WITNESS) -> HeadRow:
    checkpoint = Checkpoint(LOG, size, tree_root(LEAVES[:size]), 0)
    return HeadRow(0, size, sign(checkpoint, [signer, witness], time=at).format().decode())


def check(token: str, heads: list[HeadRow], *, held: Any = None, now: int | None = None) -> int | None:
    return check_promise(token, TRUST, held or Evidence(), heads, now=now).size


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_promise_is_kept_exactly_where_the_heads_reach_it_in_time(data: st.DataObject) -> None:
    """Whatever the order of the heads: as a plain reading of the definition says it."""
    first = data.draw(st.integers(0, 9))
    count = data.draw(st.integers(1, 12 - first))
    one = st.tuples(st.integers(1, 12), st.integers(DUE - 9, DUE + 9))
    made = data.draw(st.lists(one, max_size=4, unique_by=lambda sized: sized[0]))
    now = data.draw(st.one_of(st.none(), st.integers(DUE - 5, DUE + 5)))
    end = first + count
    reached = [size for size, at in made if size >= end]
    smallest = min(reached, default=None)
    in_time = smallest is not None and dict(made)[smallest] <= DUE
    short = any(size < end and at > DUE for size, at in made)
    kept = not short and (in_time if reached else now is None or now <= DUE)
    heads = [head(size, at) for size, at in made]
    if kept:
        assert check(promised(first, count), heads, now=now) == smallest
    else:
        with pytest.raises(PromiseNotKept) as refused:
            check(promised(first, count), heads, now=now)
        assert refused.value.rule == "promise.overdue"
        assert refused.value.value


def test_other_entries_at_the_promised_places_are_named_with_both_roots() -> None:
    altered = Evidence([*ENTRIES[:4], b"another", *ENTRIES[5:]])
    assert check(promised(0, 4), [head(12, DUE)], held=altered) == 12
    with pytest.raises(PromiseNotKept) as refused:
        check(promised(3, 2), [head(12, DUE)], held=altered)
    assert refused.value.rule == "promise.entries"
    assert tree_root(LEAVES[3:5]).hex() in refused.value.expected


def test_entries_that_were_cut_off_under_a_head_are_missing() -> None:
    with pytest.raises(PromiseNotKept) as refused:
        check(promised(6, 3), [head(12, DUE)], held=Evidence(ENTRIES[:7]))
    assert refused.value.rule == "promise.entries"


def test_a_promise_beyond_the_log_is_overdue_by_the_auditors_clock() -> None:
    cut = Evidence(ENTRIES[:5])
    assert check(promised(5, 1), [head(5, DUE)], held=cut, now=DUE) is None
    with pytest.raises(PromiseNotKept) as refused:
        check(promised(5, 1), [head(5, DUE)], held=cut, now=DUE + 1)
    assert refused.value.rule == "promise.overdue"
    assert "size 5" in refused.value.value


@pytest.mark.parametrize(
    "made",
    [
        HeadRow(0, 12, None),
        HeadRow(0, 12, "no note"),
        head(12, DUE)._replace(cosigned=False),
        head(12, DUE, signer=SignerKey(LOG, SignatureKind.ED25519, OTHER)),
        head(12, DUE, witness=SignerKey("witness.test", SignatureKind.COSIGNATURE, OTHER)),
    ],
    ids=["never-signed", "no-note", "not-cosigned", "another-log-key", "another-witness"],
)
def test_a_head_that_does_not_verify_keeps_no_promise(made: HeadRow) -> None:
    with pytest.raises(PromiseNotKept):
        check(promised(2, 1), [made], now=DUE + 1)


@pytest.mark.parametrize(
    ("token", "error", "rule"),
    [
        ("", Malformed, "promise.format"),
        (promised(0, 1)[:-4], Malformed, "promise.format"),
        ("x" * 5_000, Malformed, "promise.format"),
        ("承诺", Malformed, "promise.format"),
        (promised(0, 1, key=OTHER), SignatureInvalid, "promise.signature"),
        (promised(0, 1, log="elsewhere.test/log"), SignatureInvalid, "promise.log"),
    ],
    ids=["empty", "cut", "long", "no-ascii", "another-key", "another-log"],
)
def test_what_is_no_promise_of_this_log_is_refused(token: str, error: type[LedgerError], rule: str) -> None:
    with pytest.raises(error) as refused:
        check(token, [head(12, DUE)])
    assert refused.value.rule == rule
    assert refused.value.message_zh


def test_a_promise_over_a_real_store_is_kept_until_the_store_is_altered(tmp_path: Path) -> None:
    maker = Maker(tmp_path)
    made = maker.make()
    with store_evidence(made.url) as log:
        leaves = [leaf_hash(row.entry) for row in log.entries(2, 4)]
        late = promises.make(made.trust.log, 2, leaves, ACCEPTED, ACCEPTED + 9_999_999_999)
        token = promises.sign(late, maker.log_key)
        size = check_promise(token, made.trust, log, log.heads()).size
        assert size is not None
        assert size >= 5
        early = promises.sign(promises.make(made.trust.log, 2, leaves, 1, 2), maker.log_key)
        with pytest.raises(PromiseNotKept) as refused:
            check_promise(early, made.trust, log, log.heads())
        assert refused.value.rule == "promise.overdue"
    made.sql("UPDATE entries SET entry = (SELECT entry FROM entries WHERE idx = 5) WHERE idx = 3")
    with store_evidence(made.url) as log, pytest.raises(PromiseNotKept) as refused:
        check_promise(token, made.trust, log, log.heads())
    assert refused.value.rule == "promise.entries"
