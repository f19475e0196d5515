"""The door of the program: verbs, files, exit codes, and what a person is told."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from explorer import folders
from explorer.__main__ import main
from explorer.cli import VERBS, Verb, doctor, faults
from explorer.network.errors import UserError


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A verb 'probe' that raises what its `fault` is, or gives its `code`."""
    module = types.ModuleType("probe")
    module.fault = None  # type: ignore[attr-defined]
    module.code = 0  # type: ignore[attr-defined]

    def run(args: argparse.Namespace) -> int:
        if module.fault is not None:
            raise module.fault
        print(f"× {args.number}")
        return int(module.code)

    module.run = run  # type: ignore[attr-defined]
    module.add_arguments = lambda parser: parser.add_argument("number", type=int)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "probe", module)
    monkeypatch.setitem(VERBS, "probe", Verb("probe", "a verb for the test"))
    return module


def test_exit_codes_of_a_verb(verb: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "3"]) == 0
    assert capsys.readouterr().out == "× 3\n"
    verb.code = 1  # type: ignore[attr-defined]
    assert main(["probe", "3"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["probe"], "the following arguments are required: number; see 'explorer probe --help'"),
        (["probe", "x"], "argument number: invalid int value: 'x'; see 'explorer probe --help'"),
        (["probe", "3", "--colour"], "unrecognized arguments: --colour; see 'explorer probe --help'"),
        (["sumary"], "no file or verb is called 'sumary'; did you mean 'explorer summary'?"),
        (["lenet55"], "no file or verb is called 'lenet55'; did you mean 'explorer lenet5'?"),
        (
            ["nothing.convnet"],
            "no file or verb is called 'nothing.convnet'; 'explorer --help' lists what there is",
        ),
        (["/"], "'/' is a folder; name a .convnet file in it"),
        (["--workspace", "kitchen"], "argument --workspace: invalid choice: 'kitchen'"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(
    verb: types.ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"explorer: {message}")
    assert captured.err.count("\n") == 1


def test_a_user_error_is_one_line_however_it_was_written(
    verb: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    verb.fault = UserError("the file\n  is wrong; mend it")  # type: ignore[attr-defined]
    assert main(["probe", "1"]) == 2
    assert capsys.readouterr().err == "explorer: the file is wrong; mend it\n"


def test_interrupted(verb: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    verb.fault = KeyboardInterrupt()  # type: ignore[attr-defined]
    assert main(["probe", "1"]) == 130
    assert capsys.readouterr().err == "explorer: interrupted\n"


def test_a_fault_of_ours_is_one_line_and_a_log(
    verb: types.ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    verb.fault = ZeroDivisionError("a\nb")  # type: ignore[attr-defined]
    assert main(["probe", "1"]) == 2
    log = folders.state_folder() / faults.LOG
    assert capsys.readouterr().err == (
        f"explorer: a fault of the program (ZeroDivisionError: a); the details are in {log}\n"
    )
    text = log.read_text(encoding="utf-8")
    assert "--- explorer probe 1\n" in text
    assert "Traceback" in text


def test_the_log_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LOG_LIMIT", 100)
    for number in range(3):
        faults.record(ValueError(f"number {number}"), [])
    folder = folders.state_folder()
    assert "number 2" in (folder / "faults.log").read_text(encoding="utf-8")
    assert "number 1" in (folder / "faults.old.log").read_text(encoding="utf-8")
    assert len(list(folder.iterdir())) == 2


def test_a_fault_where_no_log_can_be_written_is_still_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv("CONVNET_EXPLORER_HOME", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert "convnet-explorer-" in faults.record(ValueError("x"), [])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert "could not be logged" in faults.record(ValueError("x"), [])


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ConvNet Explorer ")
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text and verb.help in text for name, verb in VERBS.items())


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    program = (
        "import sys, types\n"
        "from explorer.cli import VERBS, Verb\n"
        "from explorer.__main__ import main\n"
        "probe = types.ModuleType('probe')\n"
        "probe.add_arguments = lambda parser: None\n"
        "probe.run = lambda args: [print('x' * 99) for _ in range(100_000)] and 0\n"
        "sys.modules['probe'] = probe\n"
        "VERBS['probe'] = Verb('probe', 'a probe')\n"
        "sys.exit(main(['probe']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline() == "x" * 99 + "\n"
        child.stdout.close()
        assert child.stderr.read() == ""
    assert child.returncode == 0


def test_doctor_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {frozenset(check) for check in checks} == {frozenset(("name", "ok", "detail", "fix"))}
    named = {check["name"]: check for check in checks}
    assert named["torch"]["ok"]
    assert named["assets"]["ok"]
    assert named["weights"]["ok"]
    assert named["gallery"]["detail"].startswith("none kept")
    assert {"camera", "disk", "cryptography", "keyring", "safetensors"} <= set(named)
    assert named["state folder"]["detail"].endswith("home/state")
    assert code == (0 if all(check["ok"] for check in checks) else 1)


def test_doctor_opens_the_kept_gallery(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.faces.gallery import keys, stored

    path = stored.gallery_path()
    passphrase = "correct horse battery"
    stored.StoredGallery.open(path, keys.new_passphrase_key(passphrase, n=2**4)).close()
    monkeypatch.delenv(keys.VARIABLE, raising=False)

    def gallery() -> doctor.Check:
        return next(check for check in doctor.examine() if check.name == "gallery")

    assert gallery().ok
    assert keys.VARIABLE in gallery().detail
    monkeypatch.setenv(keys.VARIABLE, passphrase)
    assert gallery().detail.endswith("opens: 0 people")
    monkeypatch.setenv(keys.VARIABLE, "another passphrase")
    assert not gallery().ok
    assert gallery().fix
    path.write_bytes(path.read_bytes()[:100] + b"damaged" * 999)
    assert not gallery().ok
    assert "damaged" in gallery().detail


def test_doctor_tells_faults_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setenv("CONVNET_EXPLORER_HOME", str(blocked))
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "FAULT  state folder" in text
    assert "CONVNET_EXPLORER_HOME" in text


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs the device that is always full")
def test_a_full_disk_is_no_fault_of_the_program() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        child = subprocess.run(
            [sys.executable, "-m", "explorer", "zoo", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert child.returncode == 2
    assert child.stderr.count("\n") == 1
    assert "the output could not be written" in child.stderr


def test_interrupted_while_it_still_imports() -> None:
    program = (
        "import sys\n"
        "from explorer.__main__ import main\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'explorer.cli.parsing':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "sys.exit(main(['zoo']))\n"
    )
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stdout, child.stderr) == (130, "", "explorer: interrupted\n")


@pytest.mark.parametrize("verb", [["runs"], ["data", "--json"], ["faces", "list"], ["doctor"]])
def test_a_home_that_cannot_be_made(
    verb: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CONVNET_EXPLORER_HOME", str(tmp_path / "file"))
    code = main(verb)
    said = capsys.readouterr()
    if verb == ["doctor"]:
        assert code == 1
        assert "cannot be made" in said.out
        return
    assert code == 2
    assert "set CONVNET_EXPLORER_HOME to one that can" in said.err
    assert len(said.err.splitlines()) == 1
    assert not said.out


def test_doctor_without_a_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # `explorer doctor >&-`
    assert main(["doctor"]) in (0, 1)
