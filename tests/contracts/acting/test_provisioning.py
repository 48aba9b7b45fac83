"""Which HIT types `hitline provision` has send along another way."""

from __future__ import annotations

from deployments.cli.provisioning import _stray
from deployments.provision import NotificationPath
from hitline.acting import controlling
from tests.contracts.acting.lab import QUEUE, Lab


def way(destination: str) -> NotificationPath:
    return NotificationPath(transport="SQS", destination=destination, queue_url=destination)


def test_types_that_send_elsewhere_are_sent_along_the_way(lab: Lab) -> None:
    lab.prepare()
    assert _stray(lab.hitline, way(QUEUE)) == ([], 0)
    stray, off = _stray(lab.hitline, way(f"{QUEUE}-new"))
    assert (len(stray), off) == (3, 0)  # one for each rung of the ladder


def test_types_that_a_person_switched_off_stay_so(lab: Lab) -> None:
    lab.prepare()
    controlling.hold_notifications(lab.hitline, "lab")
    assert _stray(lab.hitline, way(f"{QUEUE}-new")) == ([], 3)
