"""Messages to workers: a warning, and that it was taken back. Nothing a worker wrote is in them."""

from __future__ import annotations

from hitline.errors import HitlineError
from hitline.store.sanctions import Sanction
from hitline.wiring import Hitline

_WARNING = """\
Thank you for working on "{title}".

To some of its questions we know the answer. Of {known} such questions that you answered, your \
answer was right in {right}. Please read the instructions again before you go on, and take the \
time that a question needs. If a question or an instruction is wrong or unclear, please tell us.

You are paid for everything that you submitted. If your answers stay like this, this work will no \
longer be offered to you."""

_TAKEN_BACK = """\
On {day} we wrote to you about your answers to "{title}". We have looked at it again and take that \
back: it has no consequences for you. We are sorry for the trouble."""


def warn(hitline: Hitline, about: Sanction) -> None:
    """Warn a worker. Raises HitlineError where the message cannot be delivered now.

    MTurk delivers messages only to workers of whom something was approved or rejected, so that a
    new one's may have to wait until they are paid.
    """
    title = _title(hitline, about)
    text = about.message or _WARNING.format(
        title=title, known=about.evidence["known"], right=about.evidence["right"]
    )
    refused = hitline.requester.notify_worker(
        about.worker_id, f'About your answers to "{title}"', text
    )
    if refused is not None:
        raise HitlineError(f"the warning could not be delivered yet: {refused}")


def take_back(hitline: Hitline, about: Sanction) -> str | None:
    """Tell a worker that a warning no longer holds; why that could not be sent, if so."""
    title = _title(hitline, about)
    text = _TAKEN_BACK.format(title=title, day=f"{about.at:%d %B %Y}")
    return hitline.requester.notify_worker(
        about.worker_id, f'Taken back: your answers to "{title}"', text
    )


def _title(hitline: Hitline, about: Sanction) -> str:
    return hitline.pipeline(about.pipeline).stage(about.stage).title
