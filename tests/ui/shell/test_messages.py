"""What the person is told, and how."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from explorer.network.errors import UserError
from explorer.tasks.job import Context, Work
from explorer.ui.shell import messages as module
from explorer.ui.window import Window


def shown(window: Window) -> list[str]:
    return [message.text for message in window.toasts.shown]


def test_bad_input_is_said_as_it_is_and_stays(window: Window) -> None:
    window.messages.error(UserError("The file is not a network. Open another."))
    assert shown(window) == ["The file is not a network. Open another."]
    assert window.toasts.shown[0].stays


def test_a_fault_is_calm_and_goes_to_the_log(window: Window, caplog: pytest.LogCaptureFixture) -> None:
    window.messages.error(ZeroDivisionError("division by zero"), "Running")
    (message,) = window.toasts.shown
    assert message.text.startswith("“Running” failed.")
    assert message.details == "ZeroDivisionError: division by zero"
    assert "Running failed" in caplog.text


def test_the_same_words_are_shown_once_and_a_few_at_most(window: Window) -> None:
    for text in ("one", "two", "two", "three", "four"):
        window.messages.say(text)
    assert shown(window) == ["two", "three", "four"]


def test_buttons_run_and_close(window: Window) -> None:
    done: list[str] = []
    window.messages.ask(
        "Restore?", ("Restore", lambda: done.append("yes")), ("Discard", lambda: done.append("no"))
    )
    buttons = {b.text(): b for b in window.toasts.findChildren(QPushButton)}
    QTest.mouseClick(buttons["Restore"], Qt.MouseButton.LeftButton)
    assert done == ["yes"]
    assert shown(window) == []


def test_notices_go_by_themselves(
    window: Window, wait: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LINGER_MS", 20)
    QTest.mouseMove(window, QPoint(4, 4))  # a message under the pointer waits to be read
    window.messages.say("Saved.", "ok")
    window.messages.error(UserError("Stays."))
    assert wait(lambda: shown(window) == ["Stays."])


def test_escape_closes_the_newest(window: Window) -> None:
    window.messages.error(UserError("A."))
    window.messages.error(UserError("B."))
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert shown(window) == ["A."]


def test_messages_come_from_any_thread(window: Window, wait: Callable[..., bool]) -> None:
    thread = threading.Thread(target=lambda: window.messages.say("From afar."))
    thread.start()
    thread.join()
    assert wait(lambda: shown(window) == ["From afar."])


def test_a_job_that_fails_takes_the_same_route(window: Window, wait: Callable[..., bool]) -> None:
    def fail(context: Context) -> None:
        raise UserError("The picture is too large. Take a smaller one.")

    window.runner.start(Work("Reading", fail))
    assert wait(lambda: shown(window) == ["The picture is too large. Take a smaller one."])


def test_cards_stay_inside_a_small_window(window: Window) -> None:
    window.resize(720, 480)
    window.messages.error(UserError("word " * 60))
    window.messages.say("short")
    assert window.rect().contains(window.toasts.geometry())
