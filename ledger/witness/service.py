"""The witness: decides, makes the new state durable, and only then lets the signatures out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attestation.typed_data import Domain
from ledger.checkpoint import SignatureKind, SignatureLine, SignerKey, VerifierKey
from ledger.witness.core import WitnessState, decide, enter_epoch
from ledger.witness.store import StateFile


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """What a witness is told by its operator.

    ``origin`` and ``log_keys``: the one log it watches. ``signer``: its cosignature/v1 key. ``chain_signer`` and
    ``domain``: its secp256k1 key and the EIP-712 domain of the evidence log contract; both None without a chain.
    ``state_path``: its state file. ``first_epoch``: the epoch of a state that does not exist yet; None: it must exist.
    """

    origin: str
    log_keys: Sequence[VerifierKey]
    signer: SignerKey
    state_path: Path
    chain_signer: SignerKey | None = None
    domain: Domain | None = None
    first_epoch: int | None = 0

    def __post_init__(self) -> None:
        if self.signer.kind is not SignatureKind.COSIGNATURE:
            raise ValueError("a witness's signer makes cosignatures (type 0x04)")
        if (self.chain_signer is None) != (self.domain is None):
            raise ValueError("a chain signer and its domain come together")
        if self.chain_signer is not None and self.chain_signer.kind is not SignatureKind.EIP712:
            raise ValueError("a witness's chain signer makes EIP-712 signatures (type 0xff)")


class Witness:
    """One witness over one locked state file. Thread-safe: requests are decided one after another.

    ``clock`` gives seconds since 1970 for the cosignatures.
    """

    def __init__(self, settings: WitnessSettings, store: StateFile, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._turn = threading.Lock()
        self._state = store.load(settings.origin, first_epoch=settings.first_epoch)

    @property
    def state(self) -> WitnessState:
        """What was cosigned last."""
        return self._state

    @property
    def settings(self) -> WitnessSettings:
        """What the operator said."""
        return self._settings

    def add_checkpoint(self, body: bytes) -> tuple[SignatureLine, ...]:
        """The witness's lines for the checkpoint in ``body`` (C2SP tlog-witness).

        Raises ``WitnessRefused``, ``WitnessConflict``, and ``OSError`` if the state cannot be made durable; nothing is
        signed for anybody then.
        """
        with self._turn:
            decided, note = decide(self._state, self._settings.log_keys, body)
            lines = self._cosign(note.text)
            # Only lines that this witness verified or made: it does not publish what it knows nothing about.
            kept = [line for line in note.signatures if any(key.made(line) for key in self._settings.log_keys)]
            state = replace(decided, note=replace(note, signatures=(*kept, *lines)).format())
            self._store.save(state)
            self._state = state
            return lines

    def reset_epoch(self, epoch: int, size: int, root: bytes) -> WitnessState:
        """Enter a later epoch that starts from a known good size and root. For the operator only: no request does this.

        Raises ``WitnessRefused``.
        """
        with self._turn:
            state = enter_epoch(self._state, epoch, size, root)
            self._store.save(state)
            self._state = state
            return state

    def _cosign(self, text: str) -> tuple[SignatureLine, ...]:
        lines = [self._settings.signer.sign(text, time=self._clock())]
        if self._settings.chain_signer is not None:
            lines.append(self._settings.chain_signer.sign(text, domain=self._settings.domain))
        return tuple(lines)


def reset_epoch(state_path: Path, origin: str, epoch: int, size: int, root: bytes) -> WitnessState:
    """``Witness.reset_epoch`` on the state file of a witness that is not running (``WitnessInUse`` if it is)."""
    with StateFile(state_path) as store:
        state = enter_epoch(store.load(origin), epoch, size, root)
        store.save(state)
        return state
