"""Who may ask for what: sign-in, sessions, roles, rights, limits, and the log of reads (docs/access.md)."""
