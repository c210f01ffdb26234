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


def amounts(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A name in the first column and amounts of equal places in the others, which stand right."""
    first, *columns = zip(header, *rows, strict=True)
    (head, *body) = zip(first, *map(_right, columns), strict=True)
    return table(head, body)


def _right(column: Sequence[str]) -> list[str]:
    width = max(cell_len(cell) for cell in column)
    return [_padded(cell, width, True) for cell in column]


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space
