"""What is remembered, and what a broken file does."""

from __future__ import annotations

from pathlib import Path

from explorer.folders import settings_folder
from explorer.ui.shell.settings import RECENTS, Settings


def test_round_trip_through_the_file() -> None:
    settings = Settings()
    settings.theme = "dark"
    settings.projector = True
    settings.set_flag("build/table", False)
    settings.set_number("build/batch", 64)
    settings.add_recent(Path("/a b/ä, c.convnet"))
    settings.sync()
    again = Settings()
    assert (again.theme, again.projector) == ("dark", True)
    assert again.flag("build/table", True) is False
    assert again.number("build/batch", 1) == 64
    assert again.recents == [Path("/a b/ä, c.convnet")]


def test_recents_are_unique_latest_first_and_few() -> None:
    settings = Settings()
    for n in range(RECENTS + 3):
        settings.add_recent(Path(f"/{n}.convnet"))
    settings.add_recent(Path("/5.convnet"))
    assert settings.recents[0] == Path("/5.convnet")
    assert len(settings.recents) == len(set(settings.recents)) == RECENTS
    settings.remove_recent(Path("/5.convnet"))
    assert Path("/5.convnet") not in settings.recents


def test_a_file_full_of_nonsense_gives_the_defaults() -> None:
    (settings_folder() / "window.ini").write_text(
        "[look]\ntheme=pink\nprojector=maybe\n[build]\nbatch=many\n[window\n"
    )
    settings = Settings()
    assert settings.theme == "system"
    assert settings.projector is False
    assert settings.number("build/batch", 32) == 32
    assert settings.state("window/geometry").isEmpty()


def test_two_windows_keep_each_other_s_settings() -> None:
    first, second = Settings(), Settings()
    first.theme = "dark"
    first.sync()
    second.projector = True
    second.sync()
    assert (Settings().theme, Settings().projector) == ("dark", True)
