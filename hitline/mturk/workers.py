"""Writing to workers and blocking them, over MTurk's Requester API."""

from __future__ import annotations

from hitline.mturk.wire import Wire


class Workers:
    """The operations about a worker that move no money."""

    _wire: Wire

    def notify_worker(self, worker_id: str, subject: str, text: str) -> str | None:
        """Write to a worker; None, or why it could not be sent.

        Only workers whose work the requester has approved or rejected can be written to. `subject`
        has at most 200 characters, `text` 4,096. A message has no token: sent twice, it arrives
        twice.
        """
        failed = self._wire.call(
            "NotifyWorkers", WorkerIds=[worker_id], Subject=subject, MessageText=text
        ).get("NotifyWorkersFailureStatuses", [])
        return str(failed[0].get("NotifyWorkersFailureMessage", "refused")) if failed else None

    def block(self, worker_id: str, reason: str) -> None:
        """Let a worker accept none of the requester's HITs; harmless twice. `reason` is for us."""
        self._wire.call("CreateWorkerBlock", WorkerId=worker_id, Reason=reason)

    def unblock(self, worker_id: str, reason: str) -> None:
        """Lift a block; harmless if there is none."""
        self._wire.call("DeleteWorkerBlock", WorkerId=worker_id, Reason=reason)
