"""Reading recorded answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.crowd.errors import RecordingError
from marketplace.crowd.recording import has_times, read_recording

HEADER = "task,worker,label,accept_time,submit_time\n"


def test_answers_keep_the_recorded_order_and_their_working_time(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(
        HEADER
        + "7,w1,for,2017-03-27T06:30:36,2017-03-27T06:30:55\n"
        + "8,w1,for,2017-03-27T06:31:00,2017-03-27T06:31:00\n"
        + "7,w0,observing,2017-03-27T06:30:00,2017-03-27T07:30:00\n"
    )
    recording = read_recording(path)
    assert [(one.worker, one.label, one.working_time) for one in recording["7"]] == [
        ("w1", "for", timedelta(seconds=19)),
        ("w0", "observing", timedelta(hours=1)),
    ]
    assert [one.working_time for one in recording["8"]] == [timedelta()]


def test_a_recording_may_have_no_times(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("task,worker,label\n7,w1,for\n")
    recording = read_recording(path)
    assert not has_times(recording)
    assert recording["7"][0].working_time is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("task,worker\n", "lacks the columns label"),
        ("task,worker,label,submit_time\n", "lacks the columns accept_time"),
        (HEADER + "7,w1,,2017-03-27T06:30:36,2017-03-27T06:30:55\n", "line 2: one of"),
        (HEADER + "7,w1,for,2017-03-27T06:30:36\n", "line 2: one of"),
        (HEADER + "7,w1,for,yesterday,2017-03-27T06:30:55\n", "line 2: Invalid isoformat"),
        (HEADER + "7,w1,for,2017-03-27T06:30,2017-03-27T06:30Z\n", "line 2: can't subtract"),
        (HEADER + "7,w1,for,2017-03-27T06:31:00,2017-03-27T06:30:00\n", "line 2: submit_time is"),
    ],
)
def test_a_wrong_recording_is_refused_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(text)
    with pytest.raises(RecordingError, match=message):
        read_recording(path)


def test_a_missing_recording_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere\.csv: No such file"):
        read_recording(tmp_path / "nowhere.csv")
