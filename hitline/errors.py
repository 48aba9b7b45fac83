"""Every error that hitline raises on purpose, in one tree.

An error's message is one sentence for the person who can do something about it: which file, line
or field, and what to do. `Retryable` marks what time alone may cure.
"""

from __future__ import annotations


class HitlineError(Exception):
    """Root of the tree: whatever hitline refuses or reports on purpose."""


class Retryable(HitlineError):
    """The same call may succeed later, unchanged."""


# What people hand in


class InvalidDefinition(HitlineError):
    """A pipeline, stage or policy that cannot work; raised while it is constructed."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class InvalidItems(HitlineError):
    """An items file that cannot be published as it is."""


class InvalidRecording(HitlineError):
    """Recorded answers, or what is known of them, that cannot be replayed as they are."""


class InvalidTemplate(HitlineError):
    """A question that cannot be rendered for an item, or is not what MTurk accepts."""


class InvalidSettings(HitlineError):
    """A setting is missing or malformed."""


class UnknownPipeline(HitlineError):
    """No pipeline bears that name, or its file cannot be loaded."""


class ChainRuleFailed(HitlineError):
    """A pipeline's own chain rule raised, or returned what is no item of the next stage."""


# What arrives from outside


class UnreadableNotification(HitlineError):
    """A message that is no MTurk event document; kept, never dropped."""


class UnreadableAnswer(HitlineError):
    """An assignment's answer that does not answer the stage's question; kept, paid, not counted."""


# The database


class StoreError(HitlineError):
    """The database cannot be used as it is."""


class StoreTooNew(StoreError):
    """The database was written by a newer hitline than this one."""


class StoreBusy(StoreError, Retryable):
    """Another process held the database for too long."""


class StoreAway(StoreError, Retryable):
    """The database does not answer, or has no room, at this moment."""


# The endpoint that speaks MTurk's API


class MTurkError(HitlineError):
    """The endpoint refused or failed a call. `operation` and the endpoint's own text are kept."""

    def __init__(self, operation: str, message: str, *, code: str = "") -> None:
        super().__init__(f"{operation}: {message}")
        self.operation = operation
        self.message = message
        self.code = code


class Throttled(MTurkError, Retryable):
    """Too many calls; adaptive retries were used up."""


class Unavailable(MTurkError, Retryable):
    """The endpoint did not answer, or failed: whether the call took effect is unknown."""


class NotYet(MTurkError, Retryable):
    """The object is too young for the call (the first seconds after a submission or a creation)."""


class AlreadyDone(MTurkError):
    """The call's token was used before: its effect is there, as `existing_id` if that was told."""

    def __init__(
        self, operation: str, message: str, *, code: str = "", existing_id: str | None = None
    ) -> None:
        super().__init__(operation, message, code=code)
        self.existing_id = existing_id


class Gone(MTurkError):
    """The object does not exist, is disposed of, or belongs to somebody else."""


class WrongState(MTurkError):
    """The object exists, but its state forbids the call."""


class OutOfFunds(MTurkError):
    """The account cannot cover the call."""


class Refused(MTurkError):
    """The endpoint found the request itself wrong; repeating it will not help."""


class NotAuthorized(MTurkError):
    """The endpoint does not accept our credentials."""


# Running the parts


class Interrupted(Retryable):
    """What a run works with went away under it."""


class PortInUse(HitlineError):
    """A port that a part was told to use is taken."""


class PartFailed(HitlineError):
    """A supervised process did not start, or stopped by itself."""
