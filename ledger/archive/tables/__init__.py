"""Views of an archive's evidence as flat tables, for people with a spreadsheet or a program of their own.

No evidence: every row follows from entries and recorded logs, so that an audit computes it again and names one that is
another (``ledger.audit.tables``).
"""

from __future__ import annotations

from ledger.archive.tables.columns import Cell, Column, Form, Row, View
from ledger.archive.tables.views import VIEWS, views_of

__all__ = ["VIEWS", "Cell", "Column", "Form", "Row", "View", "views_of"]
