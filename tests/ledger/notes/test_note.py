"""Notes have one spelling, and only that one parses (C2SP signed-note)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoint import MAX_NOTE_BYTES, MAX_SIGNATURES, Note, SignatureLine
from ledger.errors import NoteMalformed

TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"


def test_a_note_formats_as_it_was_parsed() -> None:
    data = f"{TEXT}\n{PETER}{PETER}".encode()
    assert Note.parse(data).format() == data


def test_the_last_empty_line_separates() -> None:
    # The example with an empty line in its text, C2SP signed-note.
    poem = (
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
        "— quasimodo.example/salvatore "
        "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
    )
    note = Note.parse(poem.encode())
    assert note.text.endswith("\n\ned è subito sera.\n")
    assert [line.name for line in note.signatures] == ["quasimodo.example/salvatore"]
    assert note.format() == poem.encode()


def test_a_line_is_not_repeated_when_added() -> None:
    note = Note.parse(f"{TEXT}\n{PETER}".encode())
    assert note.with_signatures(*note.signatures) == note
    other = SignatureLine("other", b"abcd", b"signature")
    assert note.with_signatures(other, other).signatures == (*note.signatures, other)


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        ("note.separator", TEXT),
        ("note.separator", f"{TEXT}\n"[1:-1]),
        ("note.separator", f"\n\n{PETER}"),
        ("note.final-newline", f"{TEXT}\n{PETER[:-1]}"),
        ("note.control-character", f"\x01{TEXT}\n{PETER}"),
        ("note.control-character", f"{TEXT}\r\n{PETER}"),
        ("note.control-character", f"{TEXT}\t\n{PETER}"),
        ("note.signature-line", f"{TEXT}\n{PETER}Unexpected line.\n"),
        ("note.signature-line", f"{TEXT}\n{PETER.replace('PeterNeumann', 'Bad Name')}"),
        ("note.signature-line", f"{TEXT}\n{PETER.replace('—', '-')}"),
        ("note.signature-line", f"{TEXT}\n{PETER.replace('— ', '—')}"),
        ("note.signature-line", f"{TEXT}\n{PETER[:-1]} \n"),
        ("note.key-name", f"{TEXT}\n{PETER.replace('PeterNeumann', '')}"),
        ("note.key-name", f"{TEXT}\n{PETER.replace('PeterNeumann', 'Peter+Neumann')}"),
        ("note.key-name", f"{TEXT}\n" + PETER.replace("PeterNeumann", "Peter\u3000Neumann")),
        ("note.key-name", f"{TEXT}\n" + PETER.replace("PeterNeumann", "Peter\u00a0Neumann")),
        ("note.signature-base64", f"{TEXT}\n{PETER[:-2]}\n"),
        ("note.signature-base64", f"{TEXT}\n{PETER.replace('JnAM=', 'JnAN=')}"),
        ("note.signature-base64", f"{TEXT}\n{PETER.replace('x08go/', 'x08go_')}"),
        ("note.signature-base64", f"{TEXT}\n{PETER.replace('x08go/', 'x08é/')}"),
        ("note.signature-length", f"{TEXT}\n— a x08gow==\n"),
        ("note.signature-length", f"{TEXT}\n— a x08g\n"),
        ("note.signatures", f"{TEXT}\n{PETER * (MAX_SIGNATURES + 1)}"),
        ("note.size", f"{'a' * MAX_NOTE_BYTES}\n\n{PETER}"),
    ],
)
def test_malformed_notes_are_refused_with_the_rule(rule: str, data: str) -> None:
    with pytest.raises(NoteMalformed) as refusal:
        Note.parse(data.encode())
    assert refusal.value.rule == rule


def test_a_note_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(NoteMalformed, match=r"note\.utf8"):
        Note.parse(b"\xff" + f"{TEXT}\n{PETER}".encode())


def test_as_many_signatures_as_the_standard_asks_for_pass() -> None:
    lines = "".join(SignatureLine(f"key{n}", b"abcd", b"x" * 5000).format() for n in range(16))
    assert len(Note.parse(f"{TEXT}\n{lines}".encode()).signatures) == 16


@given(st.binary(max_size=200), st.integers(0, 300))
def test_whatever_parses_formats_to_the_same_bytes(noise: bytes, at: int) -> None:
    data = f"{TEXT}\n{PETER}".encode()
    data = data[:at] + noise + data[at + len(noise) :]
    try:
        note = Note.parse(data)
    except NoteMalformed:
        return
    assert note.format() == data
