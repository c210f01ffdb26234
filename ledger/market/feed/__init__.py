"""The market as it happens (docs/market.md, section 8): events derived from the record, in an order of their own."""
