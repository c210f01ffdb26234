"""The exception tree of the ledger. What to do about an error is its family.

::

    LedgerError
    ├── Retryable               nothing was decided: the same call may succeed later
    │   ├── WitnessUnavailable      no answer, or an answer that is not one, before the deadline
    │   ├── StoreUnavailable        the database is busy or out of reach
    │   ├── ChainUnavailable        the chain's RPC gives no answer
    │   ├── LeaseLost               another process holds the role now
    │   ├── ApplicationsFull        as many applications are kept as the park allows
    │   └── ReceiptNotReady         the entry is not anchored yet (``state``)
    ├── Integrity               somebody holds a history that this one does not extend: stop, a person must look
    │   ├── ProofInvalid            a Merkle proof does not connect what it claims to connect
    │   ├── TileCorrupt             a stored tile is missing, or its length belongs to no width
    │   ├── ReadingAltered          a cited reading in the store is not the one that was logged
    │   ├── PromiseNotKept          the log's own signature says that an entry is where it is not
    │   ├── WitnessConflict         the witness holds another size or root than ours
    │   ├── WitnessStateInvalid     a witness's own state file is damaged, or belongs to another log
    │   └── HistoryDiverged         chain, witness and database do not extend one another
    └── Refusal                 the input is wrong: the same call fails again
        ├── OutOfRange              an index, size or tile that this tree does not have
        ├── Malformed               text that is not in its format
        │   ├── NoteMalformed           signed notes, checkpoints, verifier keys
        │   └── TrustMalformed          trust files
        ├── SignatureInvalid        a signature that its key did not make, or one that is missing
        ├── WitnessRefused          a witness will not cosign this request (``status``: 400, 403, 404, 422)
        ├── WitnessInUse            another witness holds this state
        └── ReceiptRefused          a receipt that does not prove what it should (``step``)

Every error names the rule (a stable dotted code), the value and what was expected, in English and Chinese.
"""

from __future__ import annotations

from attestation.errors import shorten


class LedgerError(Exception):
    """Base of the tree.

    ``rule``: stable dotted code. ``value``: what was found (shortened). ``expected``: what would have passed.
    ``message`` and ``message_zh``: one sentence each.
    """

    def __init__(
        self, message: str, *, rule: str, value: object = "", expected: object = "", message_zh: str = ""
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.value = _shown(value)
        self.expected = _shown(expected)
        self.message = message
        self.message_zh = message_zh or message

    def __reduce__(self) -> tuple[object, ...]:
        """Between processes as class and members: a constructor is not called with what an error keeps."""
        return _again, (type(self), self.args, self.__dict__)

    def as_dict(self) -> dict[str, str | int]:
        """The members of a problem document (RFC 9457)."""
        return {
            "rule": self.rule,
            "value": self.value,
            "expected": self.expected,
            "message": self.message,
            "message_zh": self.message_zh,
        }

    def __str__(self) -> str:
        found = f" Found: {self.value}." if self.value else ""
        wanted = f" Expected: {self.expected}." if self.expected else ""
        return f"{self.rule}: {self.message}{found}{wanted}"


def _again(kind: type[LedgerError], args: tuple[object, ...], members: dict[str, object]) -> LedgerError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(members)
    return error


class Retryable(LedgerError):
    """Nothing was decided; the same call may succeed later."""


class WitnessUnavailable(Retryable):
    """The witness gave no usable answer before the deadline."""


class StoreUnavailable(Retryable):
    """The database is busy or out of reach."""


class ChainUnavailable(Retryable):
    """The chain's RPC gives no answer."""


class LeaseLost(Retryable):
    """Another process holds the role now; whoever gets this stops writing."""


class EpochBehind(Retryable):
    """Chain or witness is in a later epoch than the log: a person has to carry the log over (``tanlu epoch``)."""


class ApplicationsFull(Retryable):
    """As many applications are kept as the park allows; ``most`` of them."""

    def __init__(self, most: int) -> None:
        super().__init__(
            "As many applications wait as the park keeps; send it again later, or ask the park to clear its desk.",
            rule="applications.full",
            value=f"{most} applications",
            expected=f"fewer than {most}",
            message_zh="园区待办的准入申请已满，请稍后重新提交，或请园区清理。",
        )


class ReceiptNotReady(Retryable):
    """The entry is in the log, but no anchored checkpoint holds it yet. ``state``: how far it has come."""

    def __init__(self, index: int, state: str) -> None:
        super().__init__(
            "The entry is not anchored yet; its receipt comes with the anchor.",
            rule="receipt.not_ready",
            value=f"entry {index}: {state}",
            expected="anchored or final",
            message_zh="该记录尚未上链锚定，锚定后即可取得收据。",
        )
        self.state = state


class Integrity(LedgerError):
    """Histories do not extend one another, or stored bytes are damaged. Stop: retrying cannot help."""


class ProofInvalid(Integrity):
    """A Merkle proof does not connect what it claims to connect (RFC 9162 §2.1.3.2, §2.1.4.2)."""


class TileCorrupt(Integrity):
    """A stored tile is missing although the tree is that large, or its length belongs to no width."""


class ReadingAltered(Integrity):
    """A reading that a report cites is not the one that was logged: altered, moved or removed in the store."""


class PromiseNotKept(Integrity):
    """What the log key promised is not so: other entries at those positions, or none in a checkpoint in time."""


class WitnessConflict(Integrity):
    """The witness cosigned another size. ``size``: the one it holds."""

    def __init__(
        self,
        message: str,
        *,
        rule: str,
        size: int,
        value: object = "",
        expected: object = "",
        message_zh: str = "",
    ) -> None:
        super().__init__(message, rule=rule, value=value, expected=expected, message_zh=message_zh)
        self.size = size


class WitnessStateInvalid(Integrity):
    """A witness's state file is damaged, or belongs to another log or deployment."""


class HistoryDiverged(Integrity):
    """Database, witness and chain hold trees that do not extend one another."""


class Refusal(LedgerError):
    """The input is wrong; the same call fails again."""


class StoreRefused(Refusal):
    """A store that this program does not check: another schema, another log."""


class EpochNotOpen(Refusal):
    """The chain says nothing that would carry log or witness into another epoch."""


class OutOfRange(Refusal):
    """An index, size or tile that this tree does not have."""


class Malformed(Refusal):
    """Text that is not in its format."""


class NoteMalformed(Malformed):
    """A signed note, checkpoint or verifier key that breaks its C2SP format."""


class TrustMalformed(Malformed):
    """A trust file that breaks its format."""


class SignatureInvalid(Refusal):
    """A signature that its key did not make, or a required one that is missing."""


class WitnessRefused(Refusal):
    """A witness will not cosign. ``status``: the HTTP status of C2SP tlog-witness (400, 403, 404, 422)."""

    def __init__(
        self,
        message: str,
        *,
        rule: str,
        status: int,
        value: object = "",
        expected: object = "",
        message_zh: str = "",
    ) -> None:
        super().__init__(message, rule=rule, value=value, expected=expected, message_zh=message_zh)
        self.status = status


class WitnessInUse(Refusal):
    """Another process holds this witness's state; two would sign two histories."""


class ReceiptRefused(Refusal):
    """A receipt does not prove what it should. ``step``: number of the step in ``ledger.receipts.verify``."""

    def __init__(
        self,
        message: str,
        *,
        step: int,
        rule: str,
        value: object = "",
        expected: object = "",
        message_zh: str = "",
    ) -> None:
        super().__init__(message, rule=rule, value=value, expected=expected, message_zh=message_zh)
        self.step = step

    def as_dict(self) -> dict[str, str | int]:
        """As above, with ``step``."""
        return {"step": self.step, **super().as_dict()}


def _shown(value: object) -> str:
    return shorten(value.hex() if isinstance(value, bytes) else value)
