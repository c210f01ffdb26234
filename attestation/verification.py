"""Verification of a statement in twelve numbered steps, in this order (design §3):

1. size; compact form; base64url; header members, ``alg``, ``typ``, ``kid``
2. payload: strict JSON, envelope, ``v``, ``log``, ``iss`` = ``kid``'s identifier, ``type`` = ``typ``
3. identifier enrolled
4. key enrolled for that identifier, ``alg`` matches the key
5. signature
6. the same statement again: the first acceptance is the answer; another one at its place: equivocation
7. key status by log position
8. purpose, and for ``key`` the power that its action needs
9. body schema, units, bounds
10. time: ``iat``, period order, nothing in the future
11. sequence: overlaps with neighbours in the stream, closed periods, counts; what the log holds of a key or a recovery
12. recomputation: possession proofs, approvals and consents, cited sums, report lines and totals

Every step raises an :class:`~attestation.errors.AttestationError`; none returns whether it is satisfied.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from attestation.bodies import (
    Admission,
    AssetStep,
    CaseStep,
    Close,
    DeviceEvent,
    Key,
    Label,
    Loss,
    MarketStep,
    Opening,
    Policy,
    Reading,
)
from attestation.context import Context, EntryRef, KeyRecord
from attestation.envelope import Statement
from attestation.errors import Equivocation
from attestation.examination import examine
from attestation.judging.actions import check_action, judge_action
from attestation.judging.admissions import judge_admission
from attestation.judging.asset_steps import judge_asset_step
from attestation.judging.case_steps import judge_case_step
from attestation.judging.common import Facts
from attestation.judging.devices import judge_device
from attestation.judging.labels import judge_label
from attestation.judging.losses import judge_loss
from attestation.judging.market_steps import judge_market_step
from attestation.judging.measured import judge_close, judge_reading
from attestation.judging.openings import judge_opening
from attestation.judging.policies import judge_policy
from attestation.judging.reports import judge_report
from attestation.keys import PublicKey, Purpose
from attestation.powers import SIGNERS, needs_registrar, wanted_purposes
from attestation.refusals import refuse

__all__ = ["Verdict", "check_signature", "examine", "find_key", "judge", "verify"]


class Verdict(Struct, frozen=True):
    """An accepted statement.

    ``key`` is the key that signed. ``duplicate_of`` is set when the log holds this very statement already:
    then steps 7 to 12 were not run and nothing is to be logged. ``opens_gap`` is the first and last seq left
    open right below this statement. ``period`` (unix seconds, half open) and ``quantity`` are those of the
    body, parsed.
    """

    key: KeyRecord
    duplicate_of: EntryRef | None = None
    opens_gap: tuple[int, int] | None = None
    period: tuple[int, int] | None = None
    quantity: Decimal | None = None


def find_key(statement: Statement, context: Context) -> KeyRecord:
    """Steps 3 and 4: the key by which the statement says it is signed.

    Raises IdentifierUnknown or KeyRefused. The registrar's own first entry, in an empty log, is signed by the
    root key of the trust file.
    """
    # 3: identifier enrolled
    if context.identifier(statement.iss) is None:
        if not _is_root_entry(statement, context):
            raise refuse("identifier.unknown", statement.iss)
        record = KeyRecord(statement.iss, context.registrar, Purpose.ADMINISTRATION, 0, None)
    else:
        # 4: key enrolled for that identifier
        found = context.key(statement.iss, statement.kid_key)
        if found is None:
            raise refuse("key.unknown", statement.jws.header.kid)
        record = found
    # 4: alg matches the key
    if statement.jws.header.alg is not record.key.algorithm:
        raise refuse("key.algorithm", statement.jws.header.alg.value, record.key.algorithm.value)
    return record


def check_signature(statement: Statement, key: PublicKey) -> None:
    """Step 5. Raises SignatureRefused."""
    key.verify(statement.jws.signing_input, statement.jws.signature)


def judge(statement: Statement, context: Context, key: KeyRecord | None = None) -> Verdict:
    """Steps 3, 4 and 6 to 12 for a statement whose signature is checked apart (step 5).

    ``key`` is what :func:`find_key` gave, where that was asked before. Warning: without
    :func:`check_signature` a verdict says nothing about who signed.
    """
    record = find_key(statement, context) if key is None else key

    # 6: the same statement again, or another one at its place
    existing = context.entry(statement.iss, statement.stream, statement.seq)
    if existing is not None:
        if existing.statement_id != statement.statement_id:
            raise _equivocation(statement, existing)
        return Verdict(record, duplicate_of=existing)

    _check_status(record, context)
    _check_purpose(statement, record, context)
    facts = _judge_body(statement, record, context)
    return Verdict(record, None, facts.opens_gap, facts.period, facts.quantity)


def verify(entry: bytes, context: Context) -> tuple[Statement, Verdict]:
    """All twelve steps in order. Raises an AttestationError with the number of the step that refuses."""
    statement = examine(entry, context.origin)
    record = find_key(statement, context)
    check_signature(statement, record.key)
    return statement, judge(statement, context, record)


def _is_root_entry(statement: Statement, context: Context) -> bool:
    return (
        context.next_index == 0
        and statement.type == "key"
        and statement.iss == context.registrar_identifier
        and statement.kid_key == context.registrar.kid_name
    )


def _equivocation(statement: Statement, existing: EntryRef) -> Equivocation:
    error = refuse(
        "sequence.equivocation",
        statement.statement_id.hex(),
        existing.statement_id.hex(),
        at=f"{statement.iss} {statement.stream} {statement.seq}, entry {existing.index}",
    )
    if not isinstance(error, Equivocation):
        raise TypeError("the table of rules puts equivocation at another step than 6")
    error.existing_index = existing.index
    error.existing_statement_id = existing.statement_id
    return error


def _check_status(record: KeyRecord, context: Context) -> None:
    # 7: key status by log position; the root key's own entry is the one exception
    index = context.next_index
    if index <= record.activated_index and index != 0:
        raise refuse("key.not_active", f"entry {index}", f"an entry after {record.activated_index}")
    if record.revoked_index is not None and index >= record.revoked_index:
        raise refuse("key.revoked", f"entry {index}", f"an entry before {record.revoked_index}")


def _check_purpose(statement: Statement, record: KeyRecord, context: Context) -> None:
    # 8: purpose of the key, and who its holder is
    if statement.type == "key":
        check_action(statement, record, context)
        return
    if needs_registrar(statement.type, statement.content) and statement.iss != context.registrar_identifier:
        raise refuse("purpose.registrar", statement.iss, context.registrar_identifier)
    signers, holder = SIGNERS[statement.type], context.identifier(statement.iss)
    needed = None if holder is None else signers.get(holder.kind)
    # As numbers: flags compare their members one by one.
    if needed is not None and needed.value & record.purposes.value:
        return
    if needed is None and any(purpose in record.purposes for purpose in signers.values()):
        found = "unknown" if holder is None else holder.kind.value
        allowed = " or ".join(sorted(kind.value for kind in signers))
        raise refuse("purpose.kind", found, f"{allowed} for {statement.type}")
    wanted = wanted_purposes(statement.type) if needed is None else needed.names()
    found = ", ".join(record.purposes.names())
    raise refuse("purpose.key", found, f"{' or '.join(wanted)} for {statement.type}")


def _judge_body(statement: Statement, record: KeyRecord, context: Context) -> Facts:
    # 9 to 12
    body = statement.body
    if isinstance(body, Reading):
        facts = judge_reading(statement, body, context)
    elif isinstance(body, Close):
        facts = judge_close(statement, body, context)
    elif isinstance(body, Loss):
        facts = judge_loss(statement, body, context)
    elif isinstance(body, Key):
        facts = judge_action(statement, body, record, context)
    elif isinstance(body, DeviceEvent):
        facts = judge_device(statement, body, context)
    elif isinstance(body, Admission):
        facts = judge_admission(statement, body, context)
    elif isinstance(body, Opening):
        facts = judge_opening(statement, body, context)
    elif isinstance(body, Label):
        facts = judge_label(statement, body, context)
    elif isinstance(body, Policy):
        facts = judge_policy(statement, body, context)
    elif isinstance(body, AssetStep | MarketStep):
        facts = _judge_holdings(statement, body, record, context)
    elif isinstance(body, CaseStep):
        facts = judge_case_step(statement, body, context)
    else:
        facts = judge_report(statement, body, context)
    return facts


def _judge_holdings(statement: Statement, body: AssetStep | MarketStep, record: KeyRecord, context: Context) -> Facts:
    """Of what accounts hold: units, and what is traded of them."""
    if isinstance(body, MarketStep):
        return judge_market_step(statement, body, record, context)
    return judge_asset_step(statement, body, record, context)
