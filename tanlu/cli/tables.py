"""Rows for people: columns as wide as their widest cell, Chinese characters counted as the two columns they take."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Header and rows, one line each; numbers stand right."""
    lines = [list(header), *([str(cell) for cell in row] for row in rows)]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*lines, strict=True)]
    numeric = [bool(rows) and all(isinstance(row[at], int) for row in rows) for at in range(len(header))]
    return "\n".join("  ".join(map(_padded, line, widths, numeric)).rstrip() for line in lines)


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
