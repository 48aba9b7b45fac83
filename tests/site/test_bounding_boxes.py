"""crowd-bounding-box: boxes by mouse and by keyboard, in pixels of the picture."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.site.conftest import Desk
from tests.site.test_crowd_elements import page, submit

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 400, 200


def picture() -> str:
    """A grey PNG of that size as a data address."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    rows = b"".join(b"\x00" + b"\xcc" * WIDTH for _ in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    png += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def widget(more: str = "") -> str:
    return page(
        f"""<crowd-bounding-box name="annotatedResult" src="{picture()}" header="Draw"
        labels="['Cat', 'Dog']" {more}></crowd-bounding-box>"""
    )


def begin(desk: Desk, more: str = "") -> FrameLocator:
    desk.sit(widget(more))
    frame = desk.page.frame_locator("#question")
    expect(frame.get_by_role("button", name="Add a box")).to_be_visible()
    frame.locator(".stage img").evaluate("image => image.decode()")
    return frame


def drag(desk: Desk, frame: FrameLocator, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From one point of the picture to another."""
    box = frame.locator(".stage img").bounding_box()
    assert box is not None
    assert box["width"] == WIDTH, "shown at its own size"
    # Playwright does not count the frame's border of one pixel; the mouse stands on whole ones.
    left, top = round(box["x"] + 1), round(box["y"] + 1)
    for at, act in ((start, desk.page.mouse.down), (end, desk.page.mouse.up)):
        desk.page.mouse.move(left + at[0], top + at[1], steps=4)
        act()


def handed_in(desk: Desk, frame: FrameLocator) -> dict[str, Any]:
    submit(frame)
    answers = json.loads(desk.wait_submitted()["taskAnswers"] or "")
    assert list(answers[0]) == ["annotatedResult"]
    result: dict[str, Any] = answers[0]["annotatedResult"]
    assert result["inputImageProperties"] == {"height": HEIGHT, "width": WIDTH}
    return result


def box(label: str, left: int, top: int, width: int, height: int) -> dict[str, Any]:
    return {"height": height, "label": label, "left": left, "top": top, "width": width}


def test_boxes_drawn_by_mouse_keep_their_labels(desk: Desk) -> None:
    """Also one that is drawn past the edge: it ends there."""
    frame = begin(desk)
    drag(desk, frame, (10, 20), (110, 70))
    frame.get_by_role("radio", name="Dog").click()
    # The label of the box that is chosen changes too.
    drag(desk, frame, (300, 100), (500, 300))
    assert handed_in(desk, frame)["boundingBoxes"] == [
        box("Dog", 10, 20, 100, 50),
        box("Dog", 300, 100, 100, 100),
    ]


def test_a_box_is_moved_and_resized_by_mouse(desk: Desk) -> None:
    frame = begin(desk)
    drag(desk, frame, (10, 20), (110, 70))
    drag(desk, frame, (60, 45), (70, 55))
    drag(desk, frame, (120, 80), (140, 90))
    assert handed_in(desk, frame)["boundingBoxes"] == [box("Cat", 20, 30, 120, 60)]


def test_a_box_is_made_with_the_keyboard_alone(desk: Desk) -> None:
    """Added in the middle, a quarter of the picture large; moved 11 right, 10 up; 10 wider."""
    frame = begin(desk)
    frame.get_by_role("button", name="Add a box").press("Enter")
    made = frame.get_by_role("button", name="Cat: left 150", exact=False).first
    expect(made).to_be_focused()
    for keys in ("Shift+ArrowRight", "ArrowRight", "Shift+ArrowUp", "Control+Shift+ArrowRight"):
        desk.page.keyboard.press(keys)
    assert handed_in(desk, frame)["boundingBoxes"] == [box("Cat", 161, 65, 110, 50)]


def test_a_box_is_deleted_by_key_and_by_button(desk: Desk) -> None:
    frame = begin(desk)
    drag(desk, frame, (10, 20), (110, 70))
    drag(desk, frame, (200, 20), (300, 70))
    desk.page.keyboard.press("Delete")
    frame.get_by_role("button", name="Delete box 1").click()
    assert handed_in(desk, frame)["boundingBoxes"] == []


@pytest.mark.parametrize("moved", [False, True])
def test_boxes_that_were_there_say_whether_they_were_changed(desk: Desk, moved: bool) -> None:
    given = "initial-value=\"[{label: 'Dog', left: 5, top: 6, width: 70, height: 80,},]\""
    frame = begin(desk, given)
    if moved:
        frame.locator(".box").press("ArrowDown")
    result = handed_in(desk, frame)
    assert result["boundingBoxes"] == [box("Dog", 5, 7 if moved else 6, 70, 80)]
    assert result["initialValueModified"] is moved


def test_a_finger_draws_too(desk: Desk) -> None:
    frame = begin(desk)
    frame.locator(".stage").evaluate(
        """stage => {
          const shown = stage.querySelector("img").getBoundingClientRect();
          const scale = shown.width / 400;
          const send = (type, x, y) => stage.dispatchEvent(new PointerEvent(type, {
            bubbles: true, composed: true, cancelable: true, pointerType: "touch", pointerId: 1,
            clientX: shown.left + x * scale, clientY: shown.top + y * scale,
          }));
          stage.setPointerCapture = () => {};
          send("pointerdown", 100, 50); send("pointermove", 200, 150); send("pointerup", 200, 150);
        }"""
    )
    assert handed_in(desk, frame)["boundingBoxes"] == [box("Cat", 100, 50, 100, 100)]
