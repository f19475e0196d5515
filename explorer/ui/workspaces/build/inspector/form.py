"""The form of a layer's settings, made from its declaration. It says what is wanted and edits nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from explorer.network.layer import Layer
from explorer.network.layers import FieldInfo, fields_of
from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.workspaces.build.inspector.editors import Editor, SwitchEditor
from explorer.ui.workspaces.build.inspector.make_editor import make_editor

LABEL_WIDTH = 96


class FieldsForm(QWidget):
    """One row a setting; several layers are edited through the settings that they have in common."""

    changing = Signal(str, object)
    settled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._infos: tuple[FieldInfo, ...] = ()
        self._notes: dict[str, Label] = {}
        self.editors: dict[str, Editor] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().tokens.px(8))
        self._grid.setVerticalSpacing(theme().tokens.px(4))
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[Sequence[Layer], Mapping[str, str]] = ((), {})
        self._scale = theme().tokens.scale
        theme().changed.connect(self._rescale)

    def _rescale(self) -> None:
        """Larger type needs wider fields: they are made anew."""
        if theme().tokens.scale != self._scale:
            self._scale = theme().tokens.scale
            self._infos = ()
            self.show_layers(*self._shown)

    def show_layers(self, layers: Sequence[Layer], remarks: Mapping[str, str]) -> None:
        """Show the settings of these layers; `remarks` are words behind a switch, by setting."""
        self._shown = (layers, remarks)
        infos = common_fields(layers)
        if infos != self._infos:
            self._make(infos)
        for info in infos:
            editor = self.editors[info.name]
            if isinstance(editor, SwitchEditor):
                editor.set_remark(remarks.get(info.name, ""))
            values = [getattr(layer, info.name) for layer in layers]
            if all(value == values[0] for value in values):
                editor.show_value(values[0])
            else:
                editor.show_mixed()

    def complain(self, name: str, text: str) -> None:
        """Say at a setting what is allowed there; "" takes it away."""
        note = self._notes.get(name)
        if note is not None:
            note.setText(text)
            note.setVisible(bool(text))

    def _make(self, infos: tuple[FieldInfo, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._infos = infos
        self.editors.clear()
        self._notes.clear()
        for place, info in enumerate(infos):
            self._add(2 * place, info)

    def _add(self, row: int, info: FieldInfo) -> None:
        tokens = theme().tokens
        label = ElidedLabel(info.name, "muted")
        label.setFixedWidth(tokens.px(LABEL_WIDTH))
        label.setMinimumHeight(tokens.px(28))
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        editor = make_editor(info)
        editor.setToolTip(info.description)
        name = info.name
        editor.changing.connect(lambda value: self._tell(name, value))
        editor.settled.connect(self.settled)
        editor.complains.connect(lambda text: self.complain(name, text))
        note = Label("", "error")
        note.setWordWrap(True)
        note.setFont(theme().font("label"))
        note.hide()
        self.editors[name] = editor
        self._notes[name] = note
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(editor, row, 1)
        self._grid.addWidget(note, row + 1, 0, 1, 2)

    def _tell(self, name: str, value: Any) -> None:
        self.complain(name, "")
        self.changing.emit(name, value)


def common_fields(layers: Sequence[Layer]) -> tuple[FieldInfo, ...]:
    """The settings that all of these layers have, of the same kind and within the same bounds."""
    kinds = list(dict.fromkeys(type(layer) for layer in layers))
    if not kinds:
        return ()
    if len(kinds) == 1:
        return fields_of(kinds[0])
    others = [{info.name: info for info in fields_of(kind)} for kind in kinds[1:]]
    return tuple(
        info
        for info in fields_of(kinds[0])
        if all(_same_form(info, other.get(info.name)) for other in others)
    )


def _same_form(one: FieldInfo, other: FieldInfo | None) -> bool:
    return other is not None and one[1:4] == other[1:4] and one[6:] == other[6:]
