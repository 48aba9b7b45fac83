"""Pictures, sound and film of requesters: taken from a folder, served where nobody guesses."""

from __future__ import annotations

from marketplace.media.serving import routes

__all__ = ["routes"]
