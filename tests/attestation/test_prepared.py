"""Threads that read the first value of a type at one moment all get it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from attestation.prepared import prepared

_SLOW = """
import threading, time
import msgspec
from attestation.prepared import prepared

def slowly(kind):
    time.sleep(0.02)
    return kind

class Inner(msgspec.Struct):
    a: int
    b: "slowly(int)"

class Outer(msgspec.Struct):
    one: "slowly(Inner)"
    two: "slowly(Inner)"

read = []

def go(place):
    time.sleep(0.005 * place)
    read.append(prepared(Outer).decode(b'{"one":{"a":1,"b":2},"two":{"a":3,"b":4}}'))

threads = [threading.Thread(target=go, args=(place,)) for place in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert [(one.one.b, one.two.a) for one in read] == [(2, 3)] * 16
"""


def test_a_type_that_is_slow_to_make_ready_is_read_by_all_threads_that_come_meanwhile() -> None:
    """In a process of its own: where it is read unprepared, msgspec ends the process."""
    ended = subprocess.run([sys.executable, "-c", _SLOW], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_type_has_one_decoder() -> None:
    assert prepared(int) is prepared(int)
    assert prepared(list[int]).decode(b"[1]") == [1]


def test_what_has_no_decoder_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="more than one"):
            prepared(dict[str, int] | dict[str, str])  # type: ignore[arg-type]  # what is refused
