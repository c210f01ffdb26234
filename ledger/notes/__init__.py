"""C2SP signed notes, the checkpoints in them, and the three kinds of signatures that Tanlu puts under one.

``ledger.checkpoint`` is the front door: it re-exports these names and judges the signatures of a note.
"""
