"""Event streams of the market: one reader a process, bounded queues, one stream for each who follows."""
