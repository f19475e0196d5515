"""Verifying a face loads no torch and no Qt: it starts in half a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from explorer.faces import decision, distances, evaluation, folder, liveness, pairs, pipeline, sampler
people = folder.bundled_people()
pipeline.FacePipeline().read(people.picture(0))
loaded = {"torch", "torchvision", "PySide6"} & set(sys.modules)
assert not loaded, loaded
"""


def test_reading_a_face_loads_neither_torch_nor_qt() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, cwd=ROOT, timeout=60)
