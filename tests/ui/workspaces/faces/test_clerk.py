"""A gallery on disk in the window: nothing of it is read or written on the window's own thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.assets import asset
from explorer.faces.gallery import database
from explorer.faces.gallery.keys import Key, new_passphrase_key
from explorer.faces.gallery.stored import StoredGallery
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.media.pictures import read_picture
from explorer.ui.shell.messages import Message
from explorer.ui.shell.question import Question
from explorer.ui.workspaces.faces.threshold_source import FaceSource
from explorer.ui.workspaces.faces.workspace import FacesWorkspace
from tests.ui.workspaces.build.waiting import settle, wait_for
from tests.ui.workspaces.faces.test_verify import enrol

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def viktor() -> Reading:
    return FacePipeline().read(read_picture(asset("faces", "Viktor", "1.jpg")))


@pytest.fixture(scope="module")
def key() -> Key:
    return new_passphrase_key(PASSPHRASE, n=1 << 10)


@pytest.fixture
def stored(
    faces: FacesWorkspace, tmp_path: Path, key: Key, viktor: Reading, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StoredGallery]:
    """The gallery on disk that the workspace shows, with Viktor in it."""
    monkeypatch.setattr(database, "BUSY", 0.3)
    gallery = StoredGallery.open(tmp_path / "people.gallery", key)
    gallery.enrol("Viktor", viktor, consent=True)
    faces.model.use_gallery(gallery)
    faces.keeping._others.start(20)
    yield gallery
    faces.close()
    faces.surroundings.runner.close(10)
    gallery.close()


class Lock:
    """Another program that is writing: while it does, nobody else can."""

    def __init__(self, path: Path) -> None:
        self._other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def __enter__(self) -> Lock:
        self._other.execute("BEGIN EXCLUSIVE")
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._other.close()

    def release(self) -> None:
        if self._other.in_transaction:
            self._other.execute("ROLLBACK")


def be_patient(gallery: StoredGallery) -> None:
    """However busy this machine is, the lock is gone before the gallery gives up."""
    gallery._database.execute("PRAGMA busy_timeout = 30000")


def agree(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(question: Question) -> str:
        question.deleteLater()
        return "Delete"

    monkeypatch.setattr(Question, "ask", answer)


def test_the_windows_thread_leaves_the_file_alone(
    faces: FacesWorkspace, stored: StoredGallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(monkeypatch)
    threads: dict[str, int] = {}
    stored._database.set_trace_callback(lambda sql: threads.update({sql: threading.get_ident()}))
    faces.model.set_claim("Viktor")
    enrol(faces, "Nora")
    assert wait_for(lambda: not faces.verify.panel.chips.first.empty)
    faces.people.list.grab()
    faces.keeping._rename("Nora", "Nora B.")
    assert wait_for(lambda: faces.model.names() == ("Nora B.", "Viktor"))
    faces.keeping.delete("Viktor")
    assert wait_for(lambda: faces.model.names() == ("Nora B.",))
    assert faces.model.claim == "Nora B."
    enrol(faces, "Nora", "2")
    source = FaceSource.of(faces.model)
    source.use_gallery()
    assert wait_for(lambda: not source.reading)
    settle(60)
    stored._database.set_trace_callback(None)
    kinds = {sql.split()[0] for sql in threads}
    assert {"BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT", "PRAGMA", "SELECT"} <= kinds
    here = [sql for sql, thread in threads.items() if thread == threading.get_ident()]
    assert here == []


def test_a_locked_gallery_says_so_and_what_was_typed_stays(
    faces: FacesWorkspace, stored: StoredGallery, viktor: Reading, said: list[Message]
) -> None:
    faces.start_enrolment("")
    panel = faces.enrol.panel
    panel.add(viktor)
    panel.name.setText("Ada")
    panel.consent.setChecked(True)
    with Lock(stored.path):
        QTest.mouseClick(panel.enrol, Qt.MouseButton.LeftButton)
        assert panel.enrol.text() == "Enrolling…"
        assert not panel.enrol.isEnabled()
        QTest.keyClick(panel.name, Qt.Key.Key_Return)  # once is enough
        assert faces.model.names() == ("Viktor",), "what is shown is there, and does not wait"
        assert len(faces.model.row_of("Viktor")) == 1
        assert wait_for(lambda: bool(said))
    assert [one.text for one in said] == [
        f"another program keeps writing to '{stored.path}'; try again",
    ]
    assert faces.model.names() == ("Viktor",)
    assert (panel.name.text(), len(panel.readings), panel.consent.isChecked()) == ("Ada", 1, True)
    assert panel.enrol.text() == "Enrol"
    QTest.mouseClick(panel.enrol, Qt.MouseButton.LeftButton)
    assert wait_for(lambda: faces.model.names() == ("Ada", "Viktor"))
    assert panel.readings == []
    assert faces.model.claim == "Ada"


def test_several_pictures_are_enrolled_together_or_not_at_all(
    faces: FacesWorkspace, stored: StoredGallery, viktor: Reading, said: list[Message]
) -> None:
    stored._database.execute(
        "CREATE TRIGGER full BEFORE INSERT ON pictures WHEN (SELECT count(*) FROM pictures) >= 2 "
        "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    faces.start_enrolment("")
    panel = faces.enrol.panel
    panel.add(viktor)
    other = FacePipeline().read(read_picture(asset("faces", "Viktor", "2.jpg")))
    panel.add(other)
    panel.name.setText("Ada")
    panel.consent.setChecked(True)
    QTest.mouseClick(panel.enrol, Qt.MouseButton.LeftButton)
    assert wait_for(lambda: bool(said))
    assert len(panel.readings) == 2
    assert not stored.refresh()
    assert [(p.name, p.count) for p in stored.people()] == [("Viktor", 1)]


def test_what_is_asked_for_in_a_row_is_done_in_that_row(
    faces: FacesWorkspace, stored: StoredGallery, viktor: Reading, said: list[Message]
) -> None:
    order: list[str] = []
    clerk = faces.clerk
    be_patient(stored)
    with Lock(stored.path) as lock:
        clerk.put("a", lambda: stored.enrol("Ada", viktor, True), lambda _: order.append("enrolled"))
        clerk.put("b", lambda: stored.rename("Ada", "Ben"), lambda _: order.append(str(faces.model.names())))
        clerk.put("c", lambda: stored.delete("Ben"), lambda _: order.append(str(faces.model.names())))
        clerk.put("d", lambda: stored.delete("Ben"), None, lambda _: order.append("no such person"))
        assert clerk.waiting == 4
        threading.Timer(0.1, lock.release).start()
        assert wait_for(lambda: clerk.waiting == 0)
    assert order[0] == "enrolled"
    assert order[-2:] == ["('Viktor',)", "no such person"]
    assert len(order) == 4
    assert "nobody is enrolled as 'Ben'" in said[0].text


def test_what_was_asked_for_is_written_though_the_window_closes(
    faces: FacesWorkspace, stored: StoredGallery, viktor: Reading, key: Key
) -> None:
    be_patient(stored)
    with Lock(stored.path) as lock:
        faces.clerk.put("a", lambda: stored.enrol("Ada", viktor, True))
        faces.clerk.put("b", lambda: stored.delete("Viktor"))
        faces.close()
        threading.Timer(0.1, lock.release).start()
        assert faces.surroundings.runner.close(10)
    again = StoredGallery.open(stored.path, key)
    assert [person.name for person in again.people()] == ["Ada"]
    again.close()


def test_who_is_enrolled_while_the_gallery_opens_comes_along(
    faces: FacesWorkspace, tmp_path: Path, key: Key, viktor: Reading
) -> None:
    gallery = StoredGallery.open(tmp_path / "kept.gallery", key)
    memory = faces.model.gallery
    memory.enrol("Ada", viktor, consent=True)
    faces.keeping._opened(gallery)
    faces.clerk.put("b", lambda: memory.enrol("Ben", viktor, consent=True))
    assert wait_for(lambda: faces.keeping.where == "encrypted")
    assert faces.model.names() == ("Ada", "Ben")
    assert np.allclose(faces.model.row_of("Ben"), viktor.embedding, atol=1e-6)
    faces.close()
    gallery.close()
