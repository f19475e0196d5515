"""The shipped files: found in a checkout, in a wheel and in a bundle, and each listed with its licence."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from explorer import assets
from explorer.network.errors import UserError

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    assets.assets_folder.cache_clear()
    yield
    assets.assets_folder.cache_clear()


def test_a_checkout() -> None:
    assert assets.assets_folder() == ROOT / "assets"
    assert assets.asset("LICENSES.md").is_file()
    with pytest.raises(UserError, match=r"'icons/none\.svg' is missing"):
        assets.asset("icons", "none.svg")


def test_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "LICENSES.md").write_text("")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert assets.assets_folder() == tmp_path / "assets"


def test_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "__file__", str(tmp_path / "explorer" / "assets.py"))
    with pytest.raises(UserError, match="install the program again"):
        assets.assets_folder()


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv builds the wheel")
def test_a_wheel_carries_and_finds_them(tmp_path: Path) -> None:
    """Builds the wheel, unpacks it, and asks it from outside of the checkout."""
    subprocess.run(
        ["uv", "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    program = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "from explorer.assets import assets_folder; print(assets_folder())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = Path(answer.stdout.strip())
    assert found == installed / "explorer" / "_assets"
    shipped = {path.relative_to(ROOT / "assets") for path in (ROOT / "assets").rglob("*") if path.is_file()}
    assert {path.relative_to(found) for path in found.rglob("*") if path.is_file()} == shipped


def test_every_shipped_file_is_listed_with_its_licence() -> None:
    rows = (ROOT / "assets" / "LICENSES.md").read_text(encoding="utf-8").splitlines()
    patterns = [row.split("`")[1] for row in rows if row.startswith("| `")]
    files = [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    names = [path.relative_to(ROOT / "assets").as_posix() for path in files]
    unlisted = [name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)]
    assert unlisted == []
