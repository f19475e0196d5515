"""The program ends in order although a Job does not hear that it should stop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys, threading, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from explorer.tasks.job import Work
from explorer.ui import app, window

class Closing(app.Window):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        begun = threading.Event()
        def deaf(context):
            begun.set()
            time.sleep(float(sys.argv[1]))
        self.first_painted.connect(lambda: self.runner.start(Work("deaf", deaf)))
        def close():
            if begun.wait(20):
                self.close()
        self.first_painted.connect(lambda: QTimer.singleShot(50, close))

app.Window = Closing
app.LAST_WAIT = float(sys.argv[2])
sys.exit(app.run())
"""


@pytest.mark.parametrize(("works", "waits"), [(3.0, 20.0), (60.0, 0.1)], ids=["soon", "never"])
def test_a_job_that_does_not_stop_does_not_abort_the_program(works: float, waits: float) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(works), str(waits)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=50,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )
    assert (answer.returncode, answer.stderr) == (0, "")
