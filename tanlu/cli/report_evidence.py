"""``--evidence`` of ``tanlu report build``: which readings a number of the report is summed from."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from attestation.accounting import CitedRange
from tanlu.client import Client, Credentials
from tanlu.errors import InputRefused
from tanlu.reporting import cite_journal, cite_stream, parse_range
from tanlu.trustfile import load_trust

FORM = "LINE=JOURNAL, LINE=ISSUER#STREAM:FIRST-LAST, LINE[PART]=… or @PRODUCT=…, with ;multiplier=M ;accuracy=PERCENT"

_TARGET = re.compile(r"(?P<name>[^=]+?)(\[(?P<part>[^\]=]+)\])?")
_SETTINGS = ("multiplier", "accuracy")


def read_evidence(
    named: tuple[str, ...], server: str, trust_path: Path | None, who: Callable[[], Credentials | None]
) -> dict[str, tuple[CitedRange, ...]]:
    """The cited ranges by line id (``@`` and product for an output), each summed from its source.

    Raises InputRefused (``evidence.form``) and what the sources raise.
    """
    cited: defaultdict[str, list[CitedRange]] = defaultdict(list)
    for text in named:
        target, mark, rest = text.partition("=")
        matched = _TARGET.fullmatch(target)
        source, *settings = rest.split(";")
        if matched is None or not (mark and source):
            raise _refused(text, FORM)
        given = _settings(text, settings)
        cited[matched["name"]] += [
            dataclasses.replace(
                found, multiplier=given.get("multiplier"), accuracy_percent=given.get("accuracy"), part=matched["part"]
            )
            for found in _find(text, source, server, trust_path, who)
        ]
    return {line: tuple(ranges) for line, ranges in cited.items()}


def _settings(text: str, given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for setting in given:
        name, _, value = setting.partition("=")
        if name not in _SETTINGS or not value:
            raise _refused(text, FORM)
        found[name] = value
    return found


def _find(
    text: str, source: str, server: str, trust_path: Path | None, who: Callable[[], Credentials | None]
) -> list[CitedRange]:
    wanted = parse_range(source)
    if wanted is None:
        return cite_journal(Path(source))
    if trust_path is None:
        raise _refused(text, "--trust, to ask a service for readings")
    trust = load_trust(trust_path)
    with Client(server, trust=trust, credentials=who()) as client:
        return [cite_stream(client, trust.log, wanted)]


def _refused(text: str, expected: str) -> InputRefused:
    return InputRefused(
        rule="evidence.form",
        value=text,
        expected=expected,
        message=f"Evidence {text}: expected {expected}",
        message_zh=f"证据 {text} 的写法无效",
    )
