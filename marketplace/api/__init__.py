"""The Requester API over HTTP: the wire, and one file for each family of operations."""

from __future__ import annotations

from marketplace.api.app import routes

__all__ = ["routes"]
