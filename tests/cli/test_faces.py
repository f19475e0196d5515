"""`explorer faces`: its contracts, on the bundled faces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from explorer.__main__ import main
from explorer.assets import asset

Captured = pytest.CaptureFixture[str]


def face(name: str) -> str:
    return str(asset("faces", *name.split("/")))


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("EXPLORER_GALLERY_KEY", "a long passphrase for the tests")
    return ["--gallery", str(tmp_path / "people.gallery")]


def _json(captured: Captured) -> dict[str, object]:
    found: dict[str, object] = json.loads(captured.readouterr().out)
    return found


def test_verify_yes(capsys: Captured) -> None:
    assert main(["faces", "verify", face("Viktor/1.jpg"), face("Viktor/2.jpg"), "--json"]) == 0
    found = _json(capsys)
    assert set(found) == {"same", "distance", "threshold", "probability", "calibration", "faces"}
    assert (found["same"], found["threshold"], found["faces"]) == (True, 1.18, [1, 1])
    assert main(["faces", "verify", face("Viktor/1.jpg"), face("Viktor/2.jpg")]) == 0
    assert capsys.readouterr().out.startswith("The same person.\n  distance ")


def test_verify_no(capsys: Captured) -> None:
    assert main(["faces", "verify", face("Viktor/1.jpg"), face("Kim/1.jpg"), "--json"]) == 1
    assert _json(capsys)["same"] is False
    assert main(["faces", "verify", face("Viktor/1.jpg"), face("Kim/1.jpg")]) == 1
    assert "two different people" in capsys.readouterr().out


def test_a_stricter_threshold(capsys: Captured) -> None:
    pair = [face("Viktor/1.jpg"), face("Viktor/2.jpg")]
    assert main(["faces", "verify", *pair, "--threshold", "0.01", "--json"]) == 1
    found = _json(capsys)
    assert main(["faces", "verify", *pair, "--threshold", str(found["distance"])]) == 0


@pytest.mark.parametrize("threshold", ["-1", "5", "nan", "x"])
def test_senseless_thresholds(threshold: str, capsys: Captured) -> None:
    assert main(["faces", "verify", "a", "b", "--threshold", threshold]) == 2
    assert "squared L2 distance from 0 to 4" in capsys.readouterr().err


def test_no_face_and_no_picture(capsys: Captured, tmp_path: Path) -> None:
    blank = str(asset("pictures", "still-life.png"))
    assert main(["faces", "verify", face("Kim/1.jpg"), blank]) == 2
    assert f"no face was found in '{blank}'" in capsys.readouterr().err
    assert main(["faces", "verify", face("Kim/1.jpg"), str(tmp_path / "none.jpg")]) == 2
    error = capsys.readouterr().err
    assert "there is no file" in error
    assert error.count("\n") == 1


def test_several_faces_are_said_to_be(capsys: Captured, tmp_path: Path) -> None:
    both = Image.new("RGB", (700, 320))
    both.paste(Image.open(face("Kim/1.jpg")), (0, 0))
    both.paste(Image.open(face("Hana/1.jpg")), (360, 0))
    both.save(tmp_path / "both.png")
    assert main(["faces", "verify", str(tmp_path / "both.png"), face("Hana/1.jpg"), "--json"]) in (0, 1)
    assert _json(capsys)["faces"] == [2, 1]
    main(["faces", "verify", str(tmp_path / "both.png"), face("Hana/1.jpg")])
    assert "it shows 2 faces" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["enrol", "Ada"], ["verify", "one"]])
def test_wrong_use(arguments: list[str], capsys: Captured) -> None:
    assert main(["faces", *arguments]) == 2
    assert "see 'explorer faces" in capsys.readouterr().err


def test_the_gallery_from_enrolment_to_deletion(gallery: list[str], capsys: Captured) -> None:
    assert main(["faces", "enrol", "Viktor", face("Viktor/1.jpg"), *gallery, "--json"]) == 0
    printed = capsys.readouterr()
    enrolled = json.loads(printed.out)
    assert (enrolled["name"], enrolled["pictures"], enrolled["candidates"]) == ("Viktor", 1, [])
    assert "on your word that Viktor agreed" in printed.err
    assert main(["faces", "enrol", "Nora", face("Nora/1.jpg"), face("Nora/2.jpg"), *gallery]) == 0
    assert "Nora is known by 2 pictures." in capsys.readouterr().out
    assert main(["faces", "enrol", "Nora", face("Nora/1.jpg"), *gallery, "--json"]) == 0
    again = _json(capsys)
    assert set(again) == {"name", "distance", "threshold", "candidates", "pictures", "hints", "warnings"}
    assert isinstance(again["candidates"], list)
    assert [other["name"] for other in again["candidates"]] == ["Viktor"], "the others, not herself"

    assert main(["faces", "identify", face("Viktor/3.jpg"), *gallery, "--json"]) == 0
    found = _json(capsys)
    assert set(found) == {"name", "distance", "threshold", "candidates"}
    assert found["name"] == "Viktor"
    assert isinstance(found["candidates"], list)
    assert [candidate["name"] for candidate in found["candidates"]] == ["Viktor", "Nora"]
    assert found["distance"] == found["candidates"][0]["distance"]

    assert main(["faces", "identify", face("Grace Hopper/1.jpg"), *gallery, "--json"]) == 1
    assert _json(capsys)["name"] is None
    assert main(["faces", "identify", face("Grace Hopper/1.jpg"), *gallery]) == 1
    assert "Nobody of the gallery." in capsys.readouterr().out

    assert main(["faces", "list", *gallery, "--json"]) == 0
    people = _json(capsys)["people"]
    assert isinstance(people, list)
    assert [(person["name"], person["pictures"], person["consent"]) for person in people] == [
        ("Nora", 2, True),
        ("Viktor", 1, True),
    ]
    assert main(["faces", "delete", "Viktor", *gallery]) == 0
    assert main(["faces", "delete", "Viktor", *gallery]) == 2
    capsys.readouterr()
    assert main(["faces", "identify", face("Viktor/3.jpg"), *gallery, "--json"]) == 1
    assert main(["faces", "delete", "Nora", *gallery]) == 0
    capsys.readouterr()
    assert main(["faces", "list", *gallery]) == 0
    assert "Nobody is enrolled." in capsys.readouterr().out


def test_look_alikes_and_strange_pictures_are_warned_of(gallery: list[str], capsys: Captured) -> None:
    assert main(["faces", "enrol", "Viktor", face("Viktor/1.jpg"), *gallery]) == 0
    capsys.readouterr()
    assert main(["faces", "enrol", "Somebody", face("Viktor/2.jpg"), *gallery]) == 0
    assert "looks like Viktor" in capsys.readouterr().err
    assert main(["faces", "enrol", "Viktor", face("Kim/1.jpg"), *gallery]) == 0
    assert "does not look like the pictures of Viktor" in capsys.readouterr().err


def test_two_faces_are_not_enrolled(gallery: list[str], capsys: Captured, tmp_path: Path) -> None:
    both = Image.new("RGB", (700, 320))
    both.paste(Image.open(face("Kim/1.jpg")), (0, 0))
    both.paste(Image.open(face("Hana/1.jpg")), (360, 0))
    both.save(tmp_path / "both.png")
    assert main(["faces", "enrol", "Kim", face("Kim/1.jpg"), str(tmp_path / "both.png"), *gallery]) == 2
    assert "shows 2 faces" in capsys.readouterr().err
    assert main(["faces", "list", *gallery]) == 2
    assert "there is no gallery" in capsys.readouterr().err


def test_a_wrong_key(gallery: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["faces", "enrol", "Kim", face("Kim/1.jpg"), *gallery]) == 0
    for key in ("another", None):
        monkeypatch.delenv("EXPLORER_GALLERY_KEY")
        if key is not None:
            monkeypatch.setenv("EXPLORER_GALLERY_KEY", key)
        capsys.readouterr()
        assert main(["faces", "list", *gallery]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1


def test_evaluate(capsys: Captured, tmp_path: Path) -> None:
    root = asset("faces").as_posix()
    same = [("Viktor/1", "Viktor/2"), ("Viktor/1", "Viktor/3"), ("Nora/1", "Nora/2"), ("Olga/2", "Olga/3")]
    different = [("Viktor/1", "Kim/1"), ("Nora/1", "Olga/2"), ("Nora/2", "Viktor/2"), ("Kim/1", "Olga/3")]
    rows = [
        f"{root}/{a}.jpg,{root}/{b}.jpg,{truth}"
        for truth, pairs in ((1, same), (0, different))
        for a, b in pairs
    ]
    path = tmp_path / "pairs.csv"
    path.write_text("\n".join(["a,b,same", *rows]))
    assert main(["faces", "evaluate", str(path), "--folds", "4", "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    keys = [
        "pairs",
        "accuracy",
        "accuracy_std",
        "eer",
        "tar_at_far",
        "threshold",
        "undetected",
        "ms_per_face",
    ]
    assert set(keys) <= set(found)
    assert (found["pairs"], found["accuracy"], found["eer"], found["undetected"]) == (8, 1, 0, 0)
    assert found["tar_at_far"] == {"1e-2": 1, "1e-3": 1}
    assert len(found["fold_accuracies"]) == 4
    assert found["roc"][-1]["tar"] == 1
    assert found["eer_interval"][1] > 0.4, "none wrong of four pairs is no certainty"
    assert [note.split()[0] for note in found["notes"]] == ["FAR", "FAR", "These"]
    assert main(["faces", "evaluate", str(path), "--folds", "2"]) == 0
    written = capsys.readouterr().out
    assert "100.00 %" in written
    assert "FAR 1e-3 is one in 1,000 pairs" in written
    assert "nan" not in written
    assert main(["faces", "evaluate", str(path), "--folds", "1"]) == 2
    assert main(["faces", "evaluate", str(tmp_path / "none.csv")]) == 2
