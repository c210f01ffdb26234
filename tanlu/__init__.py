"""Tanlu 碳录: what people import (the client) and type (``tanlu …``)."""
