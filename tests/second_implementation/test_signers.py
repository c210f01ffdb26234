"""Who may sign what, judged alike by the log's table, by receipts, and by the verifier that shares no code with it."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from attestation.bodies import AssessYear, CancelOwnUnits, CommentScore, LapseFreeze, PublishScore
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.powers import SIGNERS, needs_registrar
from attestation.statements import (
    Close,
    Contribute,
    DecideObjection,
    EndAssignment,
    Finding,
    FindingItem,
    Loss,
    RaiseObjection,
    Reading,
)
from ganache.npm import find_node
from ledger.errors import ReceiptRefused
from ledger.receipts import verify

from .test_verify_receipt import HERE, RECIPE

pytestmark = [pytest.mark.node]

ID = "ab" * 32
FROM, TO = "2023-01-01T01:00:00+08:00", "2023-01-01T02:00:00+08:00"
BODIES = {
    "reading": Reading(start=FROM, end=TO, quantity="1", unit="kWh"),
    "close": Close(start=FROM, end=TO, last_seq=0, count=0),
    "loss": Loss(device=RECIPE.METER, stream="s", first_seq=3, last_seq=4, reason="flooded meter pit"),
    "assignment end": EndAssignment(assignment=ID, reason="handed over"),
    "assignment contribute": Contribute(draw=ID, value=ID),
    "finding": Finding(
        report=ID, items=(FindingItem(id="1", stage="site", kind="observation", rule="5.2", text="no seal"),)
    ),
    "objection object": RaiseObjection(verification=ID, grounds="overlooked"),
    "objection decide": DecideObjection(objection=ID, upheld=False, reason="heard both"),
    "holding lapse": LapseFreeze(freeze=ID),
    "score comment": CommentScore(score=ID, text="in time"),
    "score publish": PublishScore(score=ID),
    "compliance assess": AssessYear(enterprise=RECIPE.METER, year=2023),
    "intent cancel": CancelOwnUnits(
        op_id=ID, asset="quota-2023", tonnes=1, deadline="2024-01-01T00:00:00Z", signature=f"0x{ID}{ID}"
    ),
}
"""By type, and action where it has any."""
HOLDERS = [
    (Kind.DEVICE, Purpose.DEVICE),
    (Kind.ENTERPRISE, Purpose.STATEMENT),
    (Kind.ENTERPRISE, Purpose.ASSET),
    (Kind.PERSON, Purpose.STATEMENT),
    (Kind.PERSON, Purpose.ADMINISTRATION),
    (Kind.VERIFIER, Purpose.STATEMENT),
]


class Signed(RECIPE.Evidence):  # type: ignore[misc,name-defined]  # a class of a module that is loaded by its path
    """The recipe's log, and above it every holder's key and a statement of every type by each."""

    def key_life(self) -> list[bytes]:
        entries: list[bytes] = super().key_life()
        first = len(self.honest()) + len(self.dishonest()) + len(entries)
        self.cases: list[tuple[str, Kind, Purpose, int, int]] = []
        for number, (kind, purposes) in enumerate(HOLDERS):
            key, name = PrivateKey(Algorithm.ED25519, (9_000 + number).to_bytes(32)), f"88.608.5288/holder-{number}"
            key_index = first + number * (1 + len(BODIES))
            entries.append(self.enrolment(key, name, kind, purposes, 20 + number))
            for place, (what, body) in enumerate(BODIES.items()):
                entries.append(self.entry(what.partition(" ")[0], name, key, 1 + place, body))
                self.cases.append((what, kind, purposes, key_index, key_index + 1 + place))
        return entries


def allowed(what: str, kind: Kind, purposes: Purpose) -> bool:
    type_ = what.partition(" ")[0]
    needed = SIGNERS[type_].get(kind)
    return needed is not None and needed in purposes and not needs_registrar(type_, BODIES[what])


def test_receipts_of_both_verifiers_agree_with_the_table_of_signers(tmp_path: Path) -> None:
    log: Any = Signed()
    (tmp_path / "trust.json").write_bytes(log.trust.format())
    expected, names = {}, []
    for what, kind, purposes, key_index, index in log.cases:
        name = f"{what.replace(' ', '-')}-{kind}-{'-'.join(purposes.names())}.json"
        receipt = log.receipt(index, key_index)
        (tmp_path / name).write_bytes(receipt.format())
        names.append(str(tmp_path / name))
        expected[name] = allowed(what, kind, purposes)
        if expected[name]:
            verify(receipt, log.trust)
        else:
            with pytest.raises(ReceiptRefused, match=r"receipt\.entry\.(purpose|kind|registrar)") as caught:
                verify(receipt, log.trust)
            assert caught.value.step == 6
    good = {name for name, is_good in expected.items() if is_good}
    assert {"loss-device-device.json", "loss-enterprise-statement.json", "reading-person-statement.json"} <= good
    judged = ("assignment", "objection", "finding", "holding", "compliance", "intent", "score")
    assert {name for name in good if name.startswith(judged)} == {
        "intent-cancel-enterprise-asset.json",
        "score-comment-enterprise-statement.json",
        "assignment-contribute-enterprise-statement.json",
        "objection-object-enterprise-statement.json",
        "finding-verifier-statement.json",
    }
    command = [str(find_node()), str(HERE / "verify_receipt.mjs"), "--trust", str(tmp_path / "trust.json"), *names]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    said = [json.loads(line) for line in run.stdout.splitlines()]
    assert {Path(one["file"]).name: one["ok"] for one in said} == expected, run.stderr
    assert {one["step"] for one in said if not one["ok"]} == {6}


def test_every_pair_of_type_and_kind_has_at_most_one_purpose_that_its_kind_may_have() -> None:
    for type_, kind in itertools.product(SIGNERS, Kind):
        needed = SIGNERS[type_].get(kind)
        assert needed is None or len(needed.names()) == 1, (type_, kind)
        assert (needed is Purpose.DEVICE) == (kind is Kind.DEVICE) or needed is None
