"""Files that pass from hand to hand before something is logged: JSON with ``v``, ``type`` and ``log``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from attestation.encoding import strict_object
from attestation.errors import AttestationError
from tanlu.errors import InputRefused


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file of ``type``, as ``writer`` (a command) makes it; its refusals have the type as their rule."""

    type: str
    writer: str

    def read(self, path: Path, log: str) -> dict[str, object]:
        """The file's members, for the log of that origin. Raises InputRefused (the type, ``request.log``)."""
        try:
            document = strict_object(path.read_bytes())
        except AttestationError as error:
            raise self.unusable(path, f"{error.rule}: {error.value}") from error
        if document.get("v") != 1 or document.get("type") != self.type:
            raise self.unusable(path, f"type {document.get('type')}")
        if document.get("log") != log:
            raise InputRefused(
                rule="request.log",
                value=document.get("log"),
                expected=log,
                message=f"{path.name} is for another log",
                message_zh=f"{path.name} 属于另一日志",
            )
        return document

    def unusable(self, path: Path, found: str) -> InputRefused:
        """The refusal of a file that is not what it should be."""
        return InputRefused(
            rule=self.type.replace("-", "."),
            value=found,
            expected=f"a file of type {self.type} that `{self.writer}` wrote",
            expected_zh=f"由 {self.writer} 写出的 {self.type} 文件",
            message=f"{path.name} cannot be used: {found}",
            message_zh=f"{path.name} 不可用",
        )
