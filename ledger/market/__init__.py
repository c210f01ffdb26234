"""The market's record (DOMAIN B): sessions recomputed from entries, compared with what was logged, and shown."""
