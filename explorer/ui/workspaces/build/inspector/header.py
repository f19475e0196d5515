"""The first line of the inspector: family, name, type. The name can be edited where it stands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from explorer.ui.theme import theme
from explorer.ui.widgets.labels import ElidedLabel, FamilySquare, Label


class NameEdit(QLineEdit):
    """A name that looks like a heading until it is clicked. Esc puts it back."""

    agreed = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shown = ""
        self.setAccessibleName(name)
        self.setObjectName("name")
        self.editingFinished.connect(self._agree)
        self.textChanged.connect(lambda _: self._fit())
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_name(self, name: str) -> None:
        """Show a name, unless another is being typed."""
        if name != self._shown:
            self._shown = name
            if not (self.hasFocus() and self.isModified()):
                self.setText(name)
                self.setCursorPosition(0)

    def put_back(self) -> None:
        """Show the name as it is in the document."""
        self.setText(self._shown)
        self.setModified(False)

    def _agree(self) -> None:
        if self.isModified():
            self.setModified(False)
            self.agreed.emit(self.text())

    def _fit(self) -> None:
        metrics = QFontMetrics(theme().font("heading"))
        px = theme().tokens.px
        width = metrics.horizontalAdvance(self.text()) + px(20)
        self.setFixedWidth(min(max(width, px(28)), px(210)))

    def _restyle(self) -> None:
        tokens = theme().tokens
        px = tokens.px
        self.setStyleSheet(
            f"QLineEdit {{ font-size: {px(14)}px; font-weight: 600; background: transparent;"
            f" border: 1px solid transparent; padding: {px(2)}px {px(4)}px {px(2)}px 0; }}"
            f"QLineEdit:hover {{ border-color: {tokens.line_strong.name()}; }}"
            f"QLineEdit:focus {{ background: {tokens.field.name()}; border: 2px solid {tokens.accent.name()};"
            f" padding: {px(1)}px {px(3)}px {px(1)}px {px(3)}px; }}"
        )
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_back()
            self.clearFocus()
            return
        super().keyPressEvent(event)


class Header(QWidget):
    """`renamed(name)` comes when a person agreed to another name."""

    renamed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        px = theme().tokens.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(4))
        row = QHBoxLayout()
        row.setSpacing(px(6))
        self.square = FamilySquare("boundary")
        self.name = NameEdit("Name")
        self.kind = ElidedLabel("", "muted")
        row.addWidget(self.square, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.name)
        row.addWidget(self.kind, 1)
        column.addLayout(row)
        self._fault = Label("", "error")
        self._fault.setWordWrap(True)
        self._fault.hide()
        column.addWidget(self._fault)
        self.name.agreed.connect(self._tell)

    def show_entry(self, family: str, name: str, kind: str) -> None:
        """Show a layer, or with family "" something else."""
        self.square.setVisible(bool(family))
        if family:
            self.square.set_family(family)
        self.name.show_name(name)
        if self.kind.accessibleName() != kind:
            self.kind.setText(kind)

    def complain(self, text: str) -> None:
        """Say what is wrong with the name that was typed, and put the old one back."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        if text:
            self.name.put_back()

    def _tell(self, name: str) -> None:
        self.complain("")
        self.renamed.emit(name)
