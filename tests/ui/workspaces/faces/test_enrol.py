"""Enrolment and the gallery: the coach, warnings, consent, keeping, deleting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.assets import asset
from explorer.faces.gallery.stored import gallery_path
from explorer.ui.shell.messages import Message
from explorer.ui.shell.question import Question
from explorer.ui.workspaces.faces.keeping import MEMORY
from explorer.ui.workspaces.faces.people_panel import NAME
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import wait_for
from tests.ui.workspaces.faces.test_verify import enrol


def test_a_picture_from_the_camera_is_enough(faces: FacesWorkspace, videos: dict[str, Path]) -> None:
    faces.start_enrolment("")
    assert not faces.enrol.take.isEnabled()
    faces.take_file(videos["viktor"])
    assert wait_for(faces.enrol.take.isEnabled)
    QTest.mouseClick(faces.enrol.take, Qt.MouseButton.LeftButton)
    panel = faces.enrol.panel
    assert len(panel.readings) == 1
    QTest.keyClicks(panel.name, "Viktor")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)  # no consent yet
    assert faces.model.names() == ()
    assert "consent" in panel.missing.text()
    QTest.keyClick(panel.consent, Qt.Key.Key_Space)
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert wait_for(lambda: faces.model.names() == ("Viktor",))
    assert faces.model.gallery.people()[0].consent
    assert not panel.consent.isChecked()  # asked again for the next person


def test_the_coach_warns_of_what_was_enrolled_before(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    enrol(faces, "Nora")
    faces.start_enrolment("")
    panel = faces.enrol.panel
    faces.enrol.take_file(asset("faces", "Viktor", "2.jpg"))
    assert wait_for(lambda: len(panel.readings) == 1)
    assert any("may be Viktor" in one for one in panel.warnings.words)
    panel.name.setText("viktor")
    assert any("adds 1 more picture" in one for one in panel.warnings.words)
    panel.name.setText("Nora")
    assert any("does not look like the Nora" in one for one in panel.warnings.words)
    faces.enrol.take_file(asset("faces", "Nora", "2.jpg"))
    assert wait_for(lambda: len(panel.readings) == 2)
    assert any("not look like one person" in one for one in panel.warnings.words)
    QTest.mouseClick(panel.chips[0], Qt.MouseButton.LeftButton)  # taken away again
    assert len(panel.readings) == 1
    panel.consent.setChecked(True)
    QTest.mouseClick(panel.enrol, Qt.MouseButton.LeftButton)
    expected = {"Nora": 2, "Viktor": 1}
    assert wait_for(lambda: {one.name: one.count for one in faces.model.gallery.people()} == expected)


def test_a_picture_without_a_face_is_told_and_not_taken(faces: FacesWorkspace, said: list[Message]) -> None:
    faces.start_enrolment("")
    faces.enrol.take_file(asset("pictures", "test-chart.png"))
    assert wait_for(lambda: bool(said))
    assert "no face" in said[0].text
    assert faces.enrol.panel.readings == []


def test_typing_a_claim(faces: FacesWorkspace) -> None:
    enrol(faces, "Viktor")
    enrol(faces, "Nora")
    field = faces.people.claim
    field.setText("vik")
    field.editingFinished.emit()
    assert faces.model.claim == "Viktor"
    assert field.text() == "Viktor"
    field.setText("Nobody")
    field.editingFinished.emit()
    assert faces.model.claim is None, "who is claimed to be somebody unknown is not compared with another"
    assert field.text() == "Nobody"
    assert field.property("invalid") is True
    faces.people.list.setCurrentRow(0)
    assert faces.model.claim == "Nora"
    assert field.text() == "Nora"


def test_deleting_asks_once_and_deletes(faces: FacesWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(faces, "Viktor")
    people = faces.people.list
    assert people.item(0).data(NAME) == "Viktor"
    people.setCurrentRow(0)
    asked: list[str] = []

    def answer(question: Question) -> str:
        asked.append(question.windowTitle())
        question.deleteLater()
        return "Cancel" if len(asked) == 1 else "Delete"

    monkeypatch.setattr(Question, "ask", answer)
    QTest.keyClick(people, Qt.Key.Key_Delete)
    assert faces.model.names() == ("Viktor",)
    QTest.keyClick(people, Qt.Key.Key_Delete)
    assert wait_for(lambda: faces.model.names() == ())
    assert faces.model.claim is None
    assert asked == ["Delete “Viktor”?"] * 2


def test_renaming_keeps_the_claim(faces: FacesWorkspace, said: list[Message]) -> None:
    enrol(faces, "Viktor")
    enrol(faces, "Nora")
    faces.model.set_claim("Viktor")
    faces.keeping.rename("Viktor")
    sheet = faces.keeping.sheet
    sheet.first.setText("Nora")
    sheet.accept()
    assert wait_for(lambda: any("already" in one.text for one in said))
    faces.keeping.rename("Viktor")
    sheet.first.setText("Viktor P.")
    sheet.accept()
    assert wait_for(lambda: faces.model.names() == ("Nora", "Viktor P."))
    assert faces.model.claim == "Viktor P."


def test_kept_under_a_passphrase_and_opened_again(
    make: Callable[..., FacesWorkspace], monkeypatch: pytest.MonkeyPatch, said: list[Message]
) -> None:
    from explorer.faces.gallery import keys

    def no_keyring(*_: object) -> None:
        raise keys.NoKeyring("no keyring here")

    monkeypatch.setattr(keys, "_store", no_keyring)
    first = make()
    enrol(first, "Viktor")
    first.keeping.keep()
    sheet = first.keeping.sheet
    assert sheet.isVisible()
    QTest.keyClick(sheet.go, Qt.Key.Key_Return)
    first.keeping.delete("Viktor")
    assert first.model.names() == ("Viktor",), "nobody is deleted while the gallery is being kept"
    assert "in a moment" in said.pop().text
    assert wait_for(lambda: sheet.isVisible() and sheet.second.isVisible())
    assert all(one.kind != "error" for one in said), "a system without a keyring is no fault"
    sheet.first.setText("short")
    sheet.accept()
    assert sheet.isVisible()
    assert sheet.fault.text()
    for field in (sheet.first, sheet.second):
        field.setText("correct horse battery")
    sheet.accept()
    assert wait_for(lambda: first.keeping.where == "encrypted")
    assert first.model.names() == ("Viktor",)
    assert b"Viktor" not in gallery_path().read_bytes()
    first.close()
    second = make()
    assert wait_for(lambda: second.keeping.where == "locked")
    assert second.model.names() == ()
    assert second.people.title.text() == "Gallery · locked"
    assert second.verify.panel.verdict.line.words == "The gallery is locked"
    second.keeping.unlock()
    assert wait_for(second.keeping.sheet.isVisible)
    second.keeping.sheet.first.setText("a wrong passphrase")
    second.keeping.sheet.accept()
    assert not second.keeping.sheet.isVisible()
    assert wait_for(second.keeping.sheet.isVisible)
    assert second.keeping.sheet.fault.text() == "This is not the passphrase; try another."
    assert second.keeping.where == "locked"
    assert all(one.kind != "error" for one in said), "it is said where it is typed again"
    second.keeping.sheet.first.setText("correct horse battery")
    second.keeping.sheet.accept()
    assert wait_for(lambda: second.keeping.where == "encrypted")
    assert second.model.names() == ("Viktor",)
    assert len(second.model.row_of("Viktor")) == 1


def test_exported_and_imported(
    make: Callable[..., FacesWorkspace], tmp_path: Path, said: list[Message]
) -> None:
    first = make()
    enrol(first, "Viktor")
    file = tmp_path / "people.faces"
    first.keeping._export(file, "correct horse battery")
    assert wait_for(file.exists)
    assert wait_for(lambda: any("Written to" in one.text for one in said))
    second = make()
    sheet = second.keeping.sheet
    assert second.take_file(file)
    sheet.first.setText("a wrong passphrase")
    sheet.accept()
    assert wait_for(lambda: sheet.isVisible() and bool(sheet.fault.text()))
    assert second.model.names() == ()
    sheet.first.setText("correct horse battery")
    sheet.accept()
    assert wait_for(lambda: second.model.names() == ("Viktor",))
    assert wait_for(lambda: any(one.text == "1 picture was added." for one in said))
    assert all(one.kind != "error" for one in said)


def test_without_a_folder_of_our_own_people_stay_in_memory(
    make: Callable[..., FacesWorkspace],
    said: list[Message],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    monkeypatch.setenv("CONVNET_EXPLORER_HOME", str(taken))
    faces = make()
    assert faces.keeping.where == MEMORY
    assert len(said) == 1
    assert "cannot be made" in said[0].text
