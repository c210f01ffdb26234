"""Who may emit and trade: nothing yet.

The name stands so that the import rules and the wheel's list of names hold from the first line on.
"""
