"""The HTTP service: settings, the processes' common runtime, and the routes under ``/v1``."""
