"""Tables on a terminal, and when they are coloured."""

from __future__ import annotations

import sys

import pytest

from explorer.cli.table import Paint, paint, tell, write_table


def test_columns_line_up_whatever_the_characters(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(("Name", "N"), [("層", "1"), ("layer", "12")], right=frozenset({1}))
    assert capsys.readouterr().out.splitlines() == ["Name    N", "層      1", "layer  12"]


def test_colour_only_where_a_person_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paint("x", Paint.STRONG) == "x"  # pytest's capture is no terminal
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert paint("x", Paint.STRONG) == "\x1b[1mx\x1b[0m"
    assert paint("x", Paint.PLAIN) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert paint("x", Paint.STRONG) == "x"


def test_tell_survives_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a lone surrogate \udcff")
    assert "a lone surrogate" in capsys.readouterr().out


def test_a_name_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a\x1b]0;title\x07b\x1b[2Jc\x1b[1mstrong\x1b[0m\n")
    assert capsys.readouterr().out == "a\ufffd]0;title\ufffdb\ufffd[2Jc\x1b[1mstrong\x1b[0m\n\n"
