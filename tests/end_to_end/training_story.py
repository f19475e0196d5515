"""A training from the first click to the closing of the window, told by driver.py."""

from __future__ import annotations

import faulthandler
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QStyle, QStyleOptionSlider

from explorer.learning.runs import RunState
from explorer.tasks.job import PROGRESS_INTERVAL
from explorer.ui.widgets.fields import NumberField
from explorer.ui.workspaces.train.workspace import TrainWorkspace
from tests.end_to_end.driver import PATIENCE, Person

TORCH = 90
"""Seconds that this story may take: torch is imported in it, maybe on a busy machine."""
EPOCHS = 5000


def train(file: Path) -> tuple[Callable[[Person], None], list[str]]:
    """Choose data, change a setting, start, pause, step, go on, stop, scrub, apply, undo, resume, close."""

    def story(person: Person) -> None:
        faulthandler.dump_traceback_later(TORCH, exit=True)
        shown = person.wait("the workspace", lambda: person.window.workspace)
        assert isinstance(shown, TrainWorkspace)
        bar, run, tab = shown.transport, shown.run, person.tab
        choose_data(person, shown, "Digits")
        field = person.find(NumberField, "epochs")
        person.click(person.middle_of(field))
        person.press("ctrl+a")
        person.write(str(EPOCHS))
        person.press("Return")
        person.wait("the setting", lambda: shown.side.form.settings.epochs == EPOCHS)
        before = tab.document.network

        press(person, bar.main, "Start")
        patiently(person, "a batch", lambda: steps(shown) > 0)
        press(person, bar.main, "Pause")
        person.wait("the pause", lambda: run.paused and run.control.standing)
        person.wait("its words", lambda: bar.said.text().startswith("Paused"))
        reached = at_rest(person, shown)
        press(person, bar.step, "Step")
        person.wait("one batch", lambda: steps(shown) == reached + 1 and run.control.standing)
        press(person, bar.main, "Go on")
        patiently(person, "three epochs", lambda: steps(shown) > 3 * batches(shown))
        press(person, bar.stop, "Stop")
        patiently(person, "the end", lambda: not run.running)
        kept = person.ask(lambda: shown.kept.runs)
        assert [one.state for one in kept] == [RunState.STOPPED]

        scrubber = shown.overlay.scrubber
        person.wait("the slider", scrubber.isVisible)
        begin, end = person.ask(lambda: handle(shown))
        person.drag(begin, end)
        person.wait("the first epoch", lambda: scrubber.epoch == 1)
        person.wait("its matrix", lambda: shown.diagnosis.confusion_title.text() == "Confusion, epoch 1")
        press(person, scrubber.apply, "Apply weights")
        patiently(person, "the weights", lambda: tab.document.network.trained is not None)
        person.press("ctrl+z")
        person.wait("the undone step", lambda: tab.document.network == before)
        assert not tab.modified

        press(person, shown.side.resume, "Resume")
        patiently(person, "more batches", lambda: run.running and steps(shown) > reached)
        person.press("ctrl+q")
        question = person.dialog(QDialog)
        person.click(person.middle_of(person.find(QPushButton, "Go on training", question)))
        person.wait("the window", lambda: QApplication.activeModalWidget() is None)
        person.activate(person.window)
        assert person.ask(lambda: run.running and not run.stopping)
        person.press("ctrl+q")
        question = person.dialog(QDialog)
        person.click(person.middle_of(person.find(QPushButton, "Stop and close", question)))

    return story, [str(file), "--workspace", "train"]


def press(person: Person, button: QPushButton, words: str) -> None:
    """Click on a button once it can be, and says what is expected."""
    person.wait(words, lambda: button.isVisible() and button.isEnabled() and button.text() == words)
    person.click(person.middle_of(button))


def choose_data(person: Person, train: TrainWorkspace, title: str) -> None:
    """Open the list of the data sets and take one by its first letters."""
    patiently(person, "the sample", lambda: train.source.data is not None)
    person.click(person.middle_of(train.side.data))
    person.wait("the list", lambda: train.side.data.view().isVisible())
    person.write(title)
    person.press("Return")
    patiently(person, title, lambda: train.source.name == "digits-sample" and train.startable)


def handle(train: TrainWorkspace) -> tuple[QPoint, QPoint]:
    """Where the slider's handle is on the screen, and the slider's left end."""
    slider = train.overlay.scrubber.slider
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    place = slider.style().subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
    )
    return slider.mapToGlobal(place.center()), slider.mapToGlobal(QPoint(0, place.center().y()))


def steps(train: TrainWorkspace) -> int:
    """How many batches are learned."""
    state = train.run.state
    return state.batch.step if state is not None and state.batch is not None else 0


def at_rest(person: Person, train: TrainWorkspace) -> int:
    """The steps of a paused training, once all are told: the last comes a moment after it stands."""
    before = -1
    while (now := person.ask(lambda: steps(train))) != before:
        before = now
        time.sleep(10 * PROGRESS_INTERVAL)
    return before


def batches(train: TrainWorkspace) -> int:
    """How many make an epoch."""
    state = train.run.state
    return state.batch.batches if state is not None and state.batch is not None else 1


def patiently(person: Person, what: str, until: Callable[[], object]) -> None:
    """As `Person.wait`, for what may take torch a while."""
    for _ in range(round(TORCH / PATIENCE) - 1):
        try:
            person.wait(what, until)
        except AssertionError:
            continue
        return
    person.wait(what, until)
