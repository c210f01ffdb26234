"""Asking a witness for its cosignatures (C2SP tlog-witness), with a deadline over the whole exchange."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import httpx

from attestation.typed_data import Domain
from ledger.checkpoint import Note, SignatureLine, VerifierKey, parse_signature_lines
from ledger.errors import NoteMalformed, WitnessConflict, WitnessRefused, WitnessUnavailable
from ledger.notes.body import parse_decimal
from ledger.notes.note import plain_text
from ledger.witness.core import AddCheckpoint

_MAX_ANSWER: Final = 65_536
_REFUSALS: Final = frozenset({400, 403, 404, 413, 422})
_CONFLICT: Final = 409


class WitnessClient:
    """A client of the witness at ``url`` (its submission prefix).

    ``keys``: the verifier keys whose lines are wanted, all of them. ``domain``: for a key of the kind ``EIP712``.
    ``deadline_seconds``: for one whole exchange. Not for use by several threads at once.
    """

    def __init__(
        self,
        url: str,
        keys: Sequence[VerifierKey],
        *,
        domain: Domain | None = None,
        deadline_seconds: float = 5.0,
    ) -> None:
        self._url = url.rstrip("/")
        self._keys = tuple(keys)
        self._domain = domain
        self._deadline = deadline_seconds
        # A proxy of the environment has no business between a log and its witness.
        self._http = httpx.Client(timeout=deadline_seconds, trust_env=False, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: Note) -> tuple[SignatureLine, ...]:
        """The witness's verified lines for ``note``, in the order of ``keys``.

        ``old_size``: the size that the witness cosigned last, as far as known; ``proof``: consistency from there.
        Raises ``WitnessUnavailable`` (retry), ``WitnessConflict`` (the witness holds ``.size``), ``WitnessRefused``,
        and ``SignatureInvalid`` for a line that names one of the keys and was not made by it.
        """
        status, answer = self._exchange("POST", "/add-checkpoint", AddCheckpoint(old_size, tuple(proof), note).format())
        try:
            text = plain_text(answer)
            if status == _CONFLICT:
                raise WitnessConflict(
                    "The witness cosigned another size last.",
                    size=parse_decimal(text.removesuffix("\n"), "witness.size"),
                    rule="witness.size",
                    value=old_size,
                    expected=text,
                    message_zh="见证人上次共签的是另一个大小。",
                )
            if status in _REFUSALS:
                raise WitnessRefused(
                    "The witness will not cosign this checkpoint.",
                    status=status,
                    rule="witness.refused",
                    value=text,
                    expected="a checkpoint that extends the last",
                    message_zh="见证人拒绝共签此检查点。",
                )
            lines = parse_signature_lines(text)
        except NoteMalformed as error:
            raise self._unavailable("witness.answer", error) from error
        return tuple(self._line_of(key, lines, note.text) for key in self._keys)

    def health(self) -> bytes:
        """The JSON of ``GET /health``. Raises ``WitnessUnavailable``."""
        return self._exchange("GET", "/health", b"")[1]

    def _line_of(self, key: VerifierKey, lines: Sequence[SignatureLine], text: str) -> SignatureLine:
        for line in lines:
            if key.made(line):
                key.verify(text, line.signature, self._domain)
                return line
        raise self._unavailable("witness.signature-missing", f"no line of {key}")

    def _exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        until = time.monotonic() + self._deadline
        answer = b""
        try:
            with self._http.stream(method, self._url + path, content=body) as response:
                for chunk in response.iter_raw():
                    answer += chunk
                    if len(answer) > _MAX_ANSWER:
                        raise self._unavailable("witness.answer-size", f"more than {_MAX_ANSWER} bytes")
                    # httpx bounds each read; a witness that drips bytes would never end.
                    if time.monotonic() > until:
                        raise self._unavailable("witness.deadline", f"{self._deadline} s")
        except httpx.HTTPError as error:
            raise self._unavailable("witness.connection", error) from error
        if response.status_code not in {200, _CONFLICT, *_REFUSALS}:
            raise self._unavailable("witness.status", response.status_code)
        return response.status_code, answer

    def _unavailable(self, rule: str, value: object) -> WitnessUnavailable:
        return WitnessUnavailable(
            "The witness gave no usable answer.",
            rule=rule,
            value=value,
            expected=f"an answer from {self._url} within {self._deadline} s",
            message_zh="见证人没有给出可用的答复。",
        )
