"""What is said for people when a kept statement was not taken: nobody should sign anew what may be in the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tanlu.cli.console import console
from tanlu.errors import RefusedByService, ServiceUnavailable


@contextmanager
def sending(kept: Path, new: Path | None = None) -> Iterator[None]:
    """Around the submission of what ``kept`` keeps. ``new`` is the file of a key that was made for it: where the log
    does not take the statement, what is left behind is said, and what to do with it."""
    try:
        yield
    except ServiceUnavailable:
        console().note(
            f"Nobody knows yet whether the log has it. Send the same bytes again: tanlu submit {kept} --as FILE"
            + (f"; keep {new}: it may be the key from now on" if new else ""),
            f"尚不知日志是否已收录。请重新发送同一声明：tanlu submit {kept} --as FILE"
            + (f"；请保留 {new}，它可能已是有效密钥" if new else ""),
        )
        raise
    except RefusedByService:
        console().note(
            f"Refused: what {kept} keeps. If the reason passes, submit it again; else its place stays a gap"
            + (f". {new} stays, and holds a key that the log does not know" if new else ""),
            f"{kept} 中保存的声明被拒。原因消除后可再次提交，否则该序号保持为缺口"
            + (f"。{new} 仍保留，但日志不认识其中的密钥" if new else ""),
        )
        raise
