"""Verify, end to end: a real video through the real feed, pipeline and gallery."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from explorer.assets import asset
from explorer.faces.detector import Face
from explorer.media.camera import Frame
from explorer.media.pictures import Picture
from explorer.media.sources import FeedState, Stream, Unavailable
from explorer.ui.shell.messages import Message
from explorer.ui.workspaces.faces.decisions import State
from explorer.ui.workspaces.faces.live_view import TONES, LiveView
from explorer.ui.workspaces.faces.watch import Sight
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import settle, wait_for
from tests.ui.workspaces.faces.conftest import scene, write_video


def enrol(faces: FacesWorkspace, name: str, picture: str = "1") -> None:
    """As a person would: a picture from a file, the name, consent."""
    before = len(faces.model.names())
    faces.start_enrolment("")
    faces.enrol.take_file(asset("faces", name, f"{picture}.jpg"))
    panel = faces.enrol.panel
    assert wait_for(lambda: len(panel.readings) == 1)
    panel.name.setText(name)
    assert not panel.enrol.isEnabled()
    panel.consent.setChecked(True)
    QTest.mouseClick(panel.enrol, Qt.MouseButton.LeftButton)
    assert wait_for(lambda: len(faces.model.names()) == before + 1 and not panel.readings)
    faces.show_tab(faces.verify)


def test_yes_for_the_same_person_no_for_another(faces: FacesWorkspace, videos: dict[str, Path]) -> None:
    enrol(faces, "Viktor")
    assert faces.model.claim == "Viktor"
    faces.take_file(videos["viktor"])
    verdict = faces.verify.panel.verdict.line
    assert wait_for(lambda: verdict.tone == "yes")
    assert verdict.words == "Yes, Viktor"
    assert not faces.verify.panel.chips.second.empty
    outcome = faces.verify.outcome
    assert outcome.distance is not None
    assert outcome.distance <= faces.model.threshold
    faces.take_file(videos["stranger"])
    assert verdict.tone == "looking"
    assert wait_for(lambda: verdict.tone != "looking")
    assert verdict.words == "No, not Viktor"


def test_an_answer_stands_only_for_the_face_and_the_claim_that_it_was_given_to(
    faces: FacesWorkspace, videos: dict[str, Path]
) -> None:
    enrol(faces, "Viktor")
    enrol(faces, "Nora")
    faces.model.set_claim("Viktor")
    faces.take_file(videos["viktor"])
    assert wait_for(lambda: faces.verify.outcome.state is State.YES)
    faces.model.set_claim("Nora")
    assert faces.verify.outcome.distance is None
    states: list[State] = []
    faces.model.seen.connect(lambda _: states.append(faces.verify.outcome.state))
    assert wait_for(lambda: State.NO in states)
    assert State.YES not in states


def test_the_face_that_is_clicked_is_the_one_that_counts(
    faces: FacesWorkspace, videos: dict[str, Path]
) -> None:
    enrol(faces, "Grace Hopper")
    faces.take_file(videos["both"])
    view = faces.verify.page.view
    assert wait_for(lambda: faces.verify.outcome.state is State.NO)  # Viktor is larger
    sight = view._sight
    assert sight is not None
    other = next(face for face in sight.faces if face is not sight.face)
    place: QPointF = view.box_of(sight, other).center()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert wait_for(lambda: faces.verify.outcome.state is State.YES)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert wait_for(lambda: faces.verify.outcome.state is State.NO)


def test_nobody_and_black_never_make_a_yes(faces: FacesWorkspace, videos: dict[str, Path]) -> None:
    enrol(faces, "Viktor")
    answers: list[str] = []
    faces.model.seen.connect(lambda _: answers.append(faces.verify.panel.verdict.line.tone))
    faces.take_file(videos["nobody"])
    assert wait_for(lambda: len(answers) > 5)
    assert "No face" in faces.verify.panel.verdict.why.text()
    faces.take_file(videos["black"])
    assert wait_for(lambda: faces.model.status.state is FeedState.BLACK)
    assert wait_for(lambda: faces.verify.page.view.has_words)
    assert set(answers) == {"looking"}


class Unplugged:
    """A camera that shows Viktor until it is pulled out."""

    exclusive = True
    name = "Webcam"
    interval: float | None = 0.04

    def __init__(self) -> None:
        self.pulled = threading.Event()

    def open(self) -> Stream:
        return self

    def read(self) -> Picture | None:
        if self.pulled.is_set():
            raise Unavailable(FeedState.LOST, "'Webcam' has stopped sending pictures.", "Check the cable.")
        return scene("Viktor/2")

    def skip(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_camera_that_stops_says_so_and_the_answer_is_taken_back(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    camera = Unplugged()
    faces.sources.choose(camera)
    assert wait_for(lambda: faces.verify.outcome.state is State.YES)
    camera.pulled.set()
    assert wait_for(lambda: faces.model.status.state is FeedState.LOST)
    page = faces.verify.page
    assert page.stack.currentWidget() is page.page
    assert page.page.title.text() == "'Webcam' has stopped sending pictures."
    assert faces.verify.panel.verdict.line.tone == "looking"
    assert faces.verify.outcome.reading is None
    camera.pulled.clear()
    QTest.mouseClick(page.page.buttons[0], Qt.MouseButton.LeftButton)  # Try again
    assert wait_for(lambda: faces.verify.outcome.state is State.YES)
    assert page.stack.currentWidget() is page.view


def test_a_video_that_breaks_off_says_so(faces: FacesWorkspace, tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.avi", [scene("Viktor/2")] * 40)
    broken = tmp_path / "broken.avi"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    faces.take_file(broken)
    assert wait_for(lambda: faces.model.status.state is FeedState.LOST)
    assert "breaks off" in faces.verify.page.page.title.text()


def test_a_file_that_is_no_video_is_a_clear_state(faces: FacesWorkspace, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no video")
    faces.take_file(path)
    assert wait_for(lambda: faces.model.status.state is FeedState.UNREADABLE)
    assert "not a video" in faces.verify.page.page.title.text()


def test_the_camera_named_at_the_start_is_looked_through(
    make: Callable[..., FacesWorkspace], videos: dict[str, Path]
) -> None:
    faces = make(str(videos["viktor"]))
    assert wait_for(lambda: faces.model.frame is not None)
    assert faces.source.accessibleName() == "Source: viktor.avi"


def test_hidden_nothing_runs_and_shown_it_goes_on(faces: FacesWorkspace, videos: dict[str, Path]) -> None:
    faces.take_file(videos["viktor"])
    assert wait_for(lambda: faces.model.frame is not None)
    faces.hide()
    assert wait_for(lambda: not faces.model.feed.holding)
    assert faces.model.feed.viewers == 0
    faces.show()
    assert wait_for(lambda: faces.model.frame is not None)


def test_pause_gives_the_device_back_and_so_do_tabs_without_a_camera(
    faces: FacesWorkspace, videos: dict[str, Path]
) -> None:
    faces.take_file(videos["viktor"])
    assert wait_for(lambda: faces.model.frame is not None)
    QTest.mouseClick(faces.verify.pause, Qt.MouseButton.LeftButton)
    assert wait_for(lambda: not faces.model.feed.holding)
    assert faces.verify.pause.text() == "Go on"
    QTest.mouseClick(faces.verify.pause, Qt.MouseButton.LeftButton)
    assert wait_for(lambda: faces.model.status.state is FeedState.LIVE)
    workbench = next(tab for tab in faces.tabs if not tab.live)
    faces.show_tab(workbench)
    assert wait_for(lambda: not faces.model.feed.holding)
    assert faces.source.isHidden()


def test_try_with_bundled_faces(faces: FacesWorkspace) -> None:
    faces.try_bundled()
    assert wait_for(lambda: faces.verify.outcome.state is State.YES)
    assert faces.verify.panel.verdict.line.words == "Yes, Viktor"
    assert len(faces.model.names()) == 5
    faces.try_bundled()  # again: nobody twice
    settle(300)
    assert [person.count for person in faces.model.gallery.people()] == [1] * 5


def test_two_pictures(faces: FacesWorkspace, said: list[Message], tmp_path: Path) -> None:
    faces.verify_pictures()
    pictures = faces.verify.pictures
    pictures.show_example()
    assert wait_for(lambda: pictures.verdict is not None)
    line = faces.verify.panel.verdict.line
    assert line.words == "Yes, one person"
    pictures.second.take(asset("faces", "Grace Hopper", "1.jpg"))
    assert wait_for(lambda: line.words == "No, two people")
    pictures.second.take(asset("pictures", "test-chart.png"))
    assert line.tone == "looking"
    assert wait_for(lambda: bool(pictures.second.fault))
    assert "no face" in pictures.second.fault.lower()
    assert line.tone == "looking"
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(asset("faces", "Viktor", "1.jpg").read_bytes()[:900])
    pictures.second.take(torn)
    assert wait_for(lambda: "torn.jpg" in pictures.second.fault)
    assert line.tone == "looking"
    assert not said
    faces.verify.show_camera()
    assert not faces.model.paused


def test_a_threshold_decides(faces: FacesWorkspace) -> None:
    faces.verify_pictures()
    pictures = faces.verify.pictures
    pictures.show_example()
    assert wait_for(lambda: pictures.verdict is not None and pictures.verdict.same)
    faces.model.set_threshold(0.3)
    assert pictures.verdict is not None
    assert not pictures.verdict.same
    assert faces.verify.panel.verdict.line.tone == "no"


def test_a_name_does_not_stand_at_another_face_after_a_cut(faces: FacesWorkspace) -> None:
    view = faces.verify.page.view
    one, other = scene("Viktor/2"), scene("Clara/1")
    face = Face((200.0, 100.0, 200.0, 200.0), np.zeros((5, 2), np.float32), 0.9)
    view.show_frame(Frame(one, 1, 1.0))
    view.show_sight(Sight(1, 1.0, one.shape[:2], (face,), face, 1, None, None, 1.0, None))
    view.show_answer("Viktor", "yes")
    assert green(view)
    view.show_frame(Frame(other, 2, 1.1))
    assert not green(view), "the box was found in another scene"
    view.show_frame(Frame(one, 3, 1.2))
    assert green(view)


def green(view: LiveView) -> bool:
    """Whether the sign of a yes is painted."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    tone = TONES["yes"]
    return bool((pixels[:, :, :3] == (tone.blue(), tone.green(), tone.red())).all(axis=2).any())
