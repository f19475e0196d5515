"""The sheet of Transform: operations at the left; what one asks for and would do at the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.shell.overlay import Overlay
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import Label
from explorer.ui.widgets.panels import Line
from explorer.ui.workspaces.build.transform.form import Form
from explorer.ui.workspaces.build.transform.operations import BY_KEY, OPERATIONS, Operation, Scope, fitting
from explorer.ui.workspaces.build.transform.preview import Preview, look

WIDTH, HEIGHT, LIST_WIDTH = 760, 492, 240
QUICK_LAYERS = 150
"""Up to so many layers a preview takes less than 50 ms."""
TYPING_MS = 120


class _Row(QStyledItemDelegate):
    """An operation, or the quiet name of a group above some."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        heading = index.data(Qt.ItemDataRole.UserRole) is None
        return QSize(theme().tokens.px(100), theme().tokens.px(26 if heading else 27))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = theme().tokens
        rect: QRect = option.rect
        heading = index.data(Qt.ItemDataRole.UserRole) is None
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(rect, tokens.accent_wash)
            painter.fillRect(QRect(rect.left(), rect.top(), tokens.px(3), rect.height()), tokens.accent)
        elif option.state & QStyle.StateFlag.State_MouseOver and not heading:
            painter.fillRect(rect, tokens.hover)
        painter.setFont(theme().font("label" if heading else "body", strong=chosen))
        painter.setPen(tokens.muted if heading else tokens.text)
        low = Qt.AlignmentFlag.AlignBottom if heading else Qt.AlignmentFlag.AlignVCenter
        inner = rect.adjusted(tokens.px(20), 0, -tokens.px(8), -tokens.px(3) if heading else 0)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | low), str(index.data()))


class TransformSheet(Overlay):
    """`wanted(tab, plan)` when a plan is to be carried out."""

    wanted = Signal(object, object)

    def __init__(self, window: QWidget, runner: Runner) -> None:
        super().__init__(window, WIDTH, "Transform the network")
        self._runner = runner
        self._tab: OpenNetwork | None = None
        self._scope: Scope = None
        self._operation: Operation = OPERATIONS[0]
        self._job: Handle | None = None
        self._turn = 0
        self.preview = Preview(None)
        self.list = QListWidget()
        self.form: Form | None = None
        self.title, self.about = Label("", "heading"), Label("", "muted")
        self.refusal = Label("", "muted")
        self.apply = Button("Apply", "primary")
        self._cancel = Button("Cancel")
        self._lines: list[tuple[Label, Label]] = []
        self._later = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._later.timeout.connect(self.look)
        self._build()

    def _build(self) -> None:
        head = Label("Transform", "heading")
        head.setContentsMargins(20, 16, 20, 12)
        self.list.setAccessibleName("Operations")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fill_list()
        self.list.currentItemChanged.connect(lambda item, _: self._choose(item))
        self.list.itemActivated.connect(lambda _: self._enter())
        right = QVBoxLayout()
        right.setContentsMargins(20, 16, 20, 12)
        right.setSpacing(10)
        for label in (self.about, self.refusal):
            label.setWordWrap(True)
        self._place = QVBoxLayout()
        self._numbers = QGridLayout()
        self._numbers.setHorizontalSpacing(12)
        self._numbers.setVerticalSpacing(6)
        self._numbers.setColumnStretch(1, 1)
        right.addWidget(self.title)
        right.addWidget(self.about)
        right.addSpacing(4)
        right.addLayout(self._place)
        right.addSpacing(4)
        right.addWidget(Line())
        right.addWidget(self.refusal)
        right.addLayout(self._numbers)
        right.addStretch(1)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.list)
        middle.addWidget(Line(vertical=True))
        middle.addLayout(right, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 8, 12, 8)
        foot.setSpacing(8)
        foot.addStretch(1)
        for button in (self._cancel, self.apply):
            foot.addWidget(button)
        self._cancel.clicked.connect(self.close_sheet)
        self.apply.clicked.connect(self.accept)
        self.column.addWidget(head)
        self.column.addWidget(Line())
        self.column.addLayout(middle, 1)
        self.column.addWidget(Line())
        self.column.addLayout(foot)
        theme().changed.connect(self._fit)
        self._fit()

    def _fill_list(self) -> None:
        group = ""
        for operation in OPERATIONS:
            if operation.group != group:
                group = operation.group
                heading = QListWidgetItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(heading)
            item = QListWidgetItem(operation.title)
            item.setData(Qt.ItemDataRole.UserRole, operation.key)
            item.setToolTip(operation.about)
            self.list.addItem(item)

    def _fit(self) -> None:
        self.list.setFixedWidth(theme().tokens.px(LIST_WIDTH))
        self.list.doItemsLayout()

    def card_height(self, width: int) -> int:
        return theme().tokens.px(HEIGHT)

    # -- opening and choosing --------------------------------------------------------------------------

    def open_for(self, tab: OpenNetwork, key: str = "") -> None:
        """Open for a network and what is selected in it, with an operation or the one that suits that."""
        self._tab = tab
        chosen = (*tab.selection.nodes, *tab.selection.blocks)
        self._scope = chosen or None
        key = key or fitting(tab.document.inference, self._scope)
        self._operation = BY_KEY[key]
        self.open()
        self._ask()
        for row in range(self.list.count()):
            if self.list.item(row).data(Qt.ItemDataRole.UserRole) == key:
                self.list.setCurrentRow(row)
        self.list.setFocus()

    def close_sheet(self) -> None:
        self._later.stop()
        self._stop()
        super().close_sheet()

    def accept(self) -> None:
        """Carry out what is shown."""
        if self._later.isActive():
            self.look()
        tab, plan = self._tab, self.preview.plan
        if tab is None or plan is None or self._job is not None:
            return
        self.close_sheet()
        self.wanted.emit(tab, plan)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
            return
        super().keyPressEvent(event)

    def _choose(self, item: QListWidgetItem | None) -> None:
        key = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if key is not None and BY_KEY[key] is not self._operation:
            self._operation = BY_KEY[key]
            self._ask()

    def _enter(self) -> None:
        """Return on an operation: to its first question, or done at once where it asks nothing."""
        fields = list(self.form.fields.values()) if self.form is not None else []
        fields[0].setFocus() if fields else self.accept()

    def _ask(self) -> None:
        if self._tab is None:
            return
        operation = self._operation
        self.title.setText(operation.title)
        self.about.setText(operation.about)
        if self.form is not None:
            self._place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        count = len(self._scope or ())
        self.form = Form(operation, self._tab.document.inference, count, bool(count))
        self.form.changed.connect(self._later.start)
        self._place.addWidget(self.form)
        self.form.setVisible(bool(self.form.fields) or self.form.scope is not None)
        self.look()

    # -- the preview -----------------------------------------------------------------------------------

    def look(self) -> None:
        """Work out what the operation would do now."""
        self._later.stop()
        self._stop()
        tab, form = self._tab, self.form
        if tab is None or form is None:
            return
        document = tab.document
        scope = self._scope if form.on_selection else None
        asked = document.inference, self._operation, scope, form.values(), document.revision
        if len(document.network.nodes) <= QUICK_LAYERS:
            self._show(look(*asked))
            return
        turn = self._turn
        self.apply.setEnabled(False)
        self._job = self._runner.start(
            Work("Looking ahead", partial(_look, asked)),
            on_done=lambda preview: self._take(turn, preview),
        )

    def _take(self, turn: int, preview: Preview) -> None:
        if turn == self._turn:
            self._job = None
            self._show(preview)

    def _stop(self) -> None:
        self._turn += 1
        if self._job is not None:
            self._job.stop()
            self._job = None

    def _show(self, preview: Preview) -> None:
        self.preview = preview
        self.refusal.setText(preview.refusal)
        self.refusal.setVisible(bool(preview.refusal))
        self.apply.setEnabled(preview.plan is not None)
        lines = preview.lines()
        if preview.plan is not None and preview.plan.note:
            lines.append(("", preview.plan.note))
        while len(self._lines) < len(lines):
            name, text = Label("", "note"), Label("", "value")
            text.setWordWrap(True)
            row = len(self._lines)
            self._numbers.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._numbers.addWidget(text, row, 1)
            self._lines.append((name, text))
        for row, (name, text) in enumerate(self._lines):
            shown = row < len(lines)
            name.setVisible(shown)
            text.setVisible(shown)
            if shown:
                name.setText(lines[row][0])
                text.setText(lines[row][1])
                text.set_role("note" if not lines[row][0] else "value")


def _look(asked: tuple[object, ...], context: Context) -> Preview:
    return look(*asked)  # type: ignore[arg-type]  # as `look` was asked above
