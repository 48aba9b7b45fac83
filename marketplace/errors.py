"""Every error that the crowd side raises on purpose.

`Refusal` and below are answers of the Requester API: `type` is the wire's `__type`, `code` the
`TurkErrorCode`, the message is MTurk's text without the time that the wire appends.
"""

from __future__ import annotations


class MarketplaceError(Exception):
    """Root of the tree; the message is one sentence that names the way out."""


class StoreError(MarketplaceError):
    """The database cannot be used as it is."""


class StoreTooNew(StoreError):
    """The database was written by a newer marketplace."""


class UnknownRequester(MarketplaceError):
    """No requester bears that name."""


class UnknownAccessKey(MarketplaceError):
    """No access key has that id."""


class KeyFileError(MarketplaceError):
    """The key file that the secrets were encrypted under is missing, or another one."""


class NameTaken(MarketplaceError):
    """A requester of that name exists."""


class PortInUse(MarketplaceError):
    """The port that `serve` was told to use is taken."""


class InvalidSettings(MarketplaceError):
    """An option or environment variable that cannot work."""


class InvalidMediaFolder(MarketplaceError):
    """What `media add` was told to add is no folder."""


class InvalidPeriod(MarketplaceError):
    """Days from which to which something is asked for, that are none."""


class RefusedMedium(MarketplaceError):
    """A file that is not served; the message says why, without its name."""


class CannotSignIn(MarketplaceError):
    """Email or password is wrong, or there were too many tries."""


class InvalidLink(MarketplaceError):
    """An invitation or a reset that was used before, or is too old."""


class UnknownWorker(MarketplaceError):
    """No worker bears that id."""


class CannotAccept(MarketplaceError):
    """A worker may not accept this HIT now; the message says why."""


class CannotWork(MarketplaceError):
    """The worker does not hold this assignment, or no longer; the message says why."""


class InvalidLayout(MarketplaceError):
    """What `layout add` was told to add is no layout."""


class CannotSend(MarketplaceError):
    """A message that may not be sent; the message says why."""


class Refusal(MarketplaceError):
    """A request that MTurk answers with HTTP 400."""

    type = "RequestError"
    stamped = True  # whether the wire appends the time
    status = 400

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class RequestError(Refusal):
    """The modelled family: an object that is missing, or in the wrong state, or lacks funds."""


class ParameterValidationError(Refusal):
    """A value that MTurk itself, not its framework, found wrong."""

    type = "ParameterValidationError"


class FrameworkError(Refusal):
    """What AWS's framework answers before MTurk sees the request."""

    stamped = False

    def __init__(self, type: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.type = type
        self.status = status


class ServiceFault(Refusal):
    """What MTurk answers when it fails itself; clients try again."""

    type = "ServiceFault"
    stamped = False
    status = 500

    def __init__(self) -> None:
        super().__init__(
            "The service failed to process the request.", code="AWS.ServiceUnavailable"
        )
