"""Live: every camera path is driven by a real video file through OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from explorer.imaging.filtering import show
from explorer.imaging.kernels import BY_NAME
from explorer.media.sources import FeedState, source_for
from explorer.ui.workspaces.filters.workspace import FiltersWorkspace

Until = Callable[..., bool]


def test_a_video_is_filtered_as_it_plays(filters: FiltersWorkspace, video: Path, until: Until) -> None:
    lab = filters.lab
    assert filters.take_file(video)
    seen: list[np.ndarray] = []
    lab.result_changed.connect(lambda: seen.append(lab.picture) if lab.picture is not None else None)
    assert until(lambda: len({id(picture) for picture in seen}) >= 4)
    assert lab.out == (240, 320)
    assert filters.top.freeze.isVisible()
    lab.choose_kernel(BY_NAME["box-7"])
    assert until(lambda: lab.stage is not None and lab.stage.filter.kernel.name == "box-7")
    assert lab.stage is not None
    assert np.array_equal(lab.stage.shown, show(lab.stage.seen, lab.filter))


def test_a_frame_can_be_frozen_and_looked_at(filters: FiltersWorkspace, video: Path, until: Until) -> None:
    lab = filters.lab
    filters.sources.take_path(video)
    assert until(lambda: lab.out == (240, 320))
    filters.top.freeze.click()
    assert not lab.live
    assert until(lambda: not lab.feed.holding)
    frozen = lab.picture
    lab.choose_kernel(BY_NAME["sharpen"])
    assert lab.stage is not None
    assert lab.stage.seen is frozen
    assert filters.top.freeze.text() == "Go on"
    filters.top.freeze.click()
    assert until(lambda: lab.picture is not frozen)


def test_hidden_it_gives_the_source_back(filters: FiltersWorkspace, video: Path, until: Until) -> None:
    lab = filters.lab
    filters.sources.take_path(video)
    assert until(lambda: lab.out == (240, 320))
    filters.hide()
    assert until(lambda: not lab.feed.holding)
    filters.show()
    assert until(lambda: lab.feed.holding and lab.feed.status.state is FeedState.LIVE)


def test_a_picture_ends_the_live_source(filters: FiltersWorkspace, video: Path, until: Until) -> None:
    lab = filters.lab
    filters.sources.take_path(video)
    assert until(lambda: lab.out == (240, 320))
    lab.show_picture(np.zeros((9, 9, 3), np.uint8), "nine")
    assert until(lambda: not lab.feed.holding)
    assert lab.out == (9, 9)
    assert not filters.top.freeze.isVisible()


def test_stopping_the_job_freezes(filters: FiltersWorkspace, video: Path, until: Until) -> None:
    lab = filters.lab
    filters.sources.take_path(video)
    assert until(lambda: lab.out == (240, 320))
    for handle in filters.surroundings.runner.running:
        handle.stop()
    assert until(lambda: not lab.live)
    assert lab.frozen


def test_a_source_that_fails_says_so_and_can_be_tried_again(
    filters: FiltersWorkspace, video: Path, tmp_path: Path, until: Until
) -> None:
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"no video at all" * 50)
    lab, stage = filters.lab, filters.stage
    filters.sources.take_path(broken)
    assert until(lambda: stage.fault.isVisible())
    assert "not a video that can be read" in stage.fault.text()
    assert stage.retry.isVisible()
    assert not filters.top.freeze.isVisible()
    assert not filters.has_result()  # nothing of the picture before is taken for this source's
    broken.write_bytes(video.read_bytes())
    stage.retry.click()
    assert until(lambda: lab.out == (240, 320))
    assert not stage.fault.isVisible()
    assert not stage.retry.isVisible()


def test_a_camera_that_is_not_there(filters: FiltersWorkspace, until: Until) -> None:
    filters.lab.choose_source(source_for(97))
    assert until(lambda: filters.stage.fault.isVisible())
    assert "camera" in filters.stage.fault.text().lower()


@pytest.mark.allows(r"Couldn't (load|resolve) (pipewire|va)", r"PulseAudio|pulse", r"FFmpeg")
def test_the_sources_menu_names_pictures_examples_and_cameras(filters: FiltersWorkspace) -> None:
    menu = filters.top.source.open_menu()
    texts = [action.text() for action in menu.actions()]
    menu.close()
    assert "Test chart" in texts
    assert "Lecture: 63 × 63, same" in texts
    assert "Picture or video…" in texts
