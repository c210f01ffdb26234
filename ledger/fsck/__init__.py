"""An offline check of a store: everything that follows from the entries' bytes is computed anew and compared.

``check`` reads, and writes nothing. It streams: memory grows with identities and streams, not with entries. What it
cannot know is whether the entries are all that were ever accepted: witnesses, the chain and receipts know that.

This package imports nothing itself: what reads a store beside it loads no rules of acceptance.
"""
