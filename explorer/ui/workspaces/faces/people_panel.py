"""The left side: who is claimed, who is enrolled, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.ui.icons import icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import ElidedLabel, Heading, Label, restyle
from explorer.ui.widgets.panels import Panel
from explorer.ui.widgets.search_choice import style_suggestions
from explorer.ui.workspaces.faces.chips import paint_round
from explorer.ui.workspaces.faces.images import image_of
from explorer.ui.workspaces.faces.model import FacesModel

ROW_HEIGHT = 44
COUNT = Qt.ItemDataRole.UserRole
NAME = Qt.ItemDataRole.UserRole + 1


class PeoplePanel(Panel):
    """Follows the gallery. What needs a question or a dialog is asked of the workspace by signals."""

    enrolling = Signal()
    importing = Signal()
    adding = Signal(str)
    renaming = Signal(str)
    deleting = Signal(str)
    trying = Signal()
    keeping = Signal()
    unlocking = Signal()

    def __init__(self, model: FacesModel) -> None:
        super().__init__("panel")
        self.model = model
        self.claim = ClaimField(model)
        self._claimed = Heading("Claimed person")
        self.title = ElidedLabel("", "label")
        self.list = PeopleList(model)
        self.nobody = Label(
            "Nobody yet. One picture of a person is enough; it stays on this computer.", "muted"
        )
        self.nobody.setWordWrap(True)
        self.try_bundled = Button("Try with bundled faces", "link")
        self.enrol = Button("Enrol…", "primary")
        self.import_ = Button("Import…")
        self.keep = Button("Keep on this computer…", "link", "lock")
        self.locked = Label("The people kept on this computer are locked.", "muted")
        self.locked.setWordWrap(True)
        self.unlock = Button("Unlock…", "primary", "lock")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.enrol)
        buttons.addWidget(self.import_)
        buttons.addStretch(1)
        for widget in (self._claimed, self.claim):
            self.column.addWidget(widget)
        self.column.addSpacing(4)
        self.column.addWidget(self.title)
        self.column.addWidget(self.locked)
        self.column.addWidget(self.unlock, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.list, 1000)
        self.column.addWidget(self.nobody)
        self.column.addWidget(self.try_bundled, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addLayout(buttons)
        self.column.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignLeft)
        self._rest = QWidget()
        self.column.addWidget(self._rest, 1)
        self.enrol.clicked.connect(self.enrolling)
        self.import_.clicked.connect(self.importing)
        self.try_bundled.clicked.connect(self.trying)
        self.keep.clicked.connect(self.keeping)
        self.unlock.clicked.connect(self.unlocking)
        self.list.wanted.connect(self._open_menu)
        self.list.deleting.connect(self.deleting)
        self.list.renaming.connect(self.renaming)
        model.gallery_changed.connect(self.refresh)
        self.where = "in memory"
        """Where the gallery is kept, for its heading."""
        self.refresh()

    def refresh(self) -> None:
        """Show who is enrolled now."""
        people = self.model.gallery.people()
        count = "nobody" if not people else "1 person" if len(people) == 1 else f"{len(people):,} people"
        locked = self.where == "locked"
        self.title.setText(
            "Gallery · locked" if locked and not people else f"Gallery · {count}, {self.where}"
        )
        self.list.refresh()
        self.claim.refresh()
        for part in (self.list, self._claimed, self.claim):
            part.setVisible(bool(people))
        for widget in (self.locked, self.unlock):
            widget.setVisible(locked)
        self.enrol.setProperty("kind", "" if locked else "primary")
        restyle(self.enrol)
        for widget in (self.nobody, self.try_bundled):
            widget.setVisible(not people and not locked)
        self.keep.setVisible(bool(people) and self.where == "in memory")

    def set_where(self, where: str) -> None:
        """Say where the gallery is kept."""
        self.where = where
        self.refresh()

    def _open_menu(self, name: str, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(name)
        claim = menu.addAction(icon("check"), f"Verify “{name}”")
        claim.triggered.connect(lambda: self.model.set_claim(name))
        menu.addSeparator()
        for symbol, text, signal in (
            ("plus", "Add a picture…", self.adding),
            ("rename", "Rename…", self.renaming),
            ("delete", "Delete…", self.deleting),
        ):
            action = menu.addAction(icon(symbol, theme().tokens.muted), text)
            action.triggered.connect(lambda _=False, signal=signal: signal.emit(name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)


class ClaimField(QLineEdit):
    """The name that the person before the camera claims: typed, completed, or taken from the list."""

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.model = model
        self.setPlaceholderText("Type or pick a name")
        self.setAccessibleName("Claimed person")
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        style_suggestions(completer)
        completer.activated.connect(model.set_claim)
        self.setCompleter(completer)
        self.textEdited.connect(lambda _: self._mark(False))
        self.editingFinished.connect(self._take)
        model.claim_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the claim, and complete among those who are enrolled."""
        self._names.setStringList(list(self.model.names()))
        if not self.hasFocus() or self.model.claim is not None:
            self.setText(self.model.claim or "")
            self._mark(False)

    def _take(self) -> None:
        typed = self.text().strip().casefold()
        exact = [name for name in self.model.names() if name.casefold() == typed]
        begun = [name for name in self.model.names() if typed and name.casefold().startswith(typed)]
        found = exact or (begun if len(begun) == 1 else [])
        unknown = self.text() if typed and not found else ""
        self.model.set_claim(found[0] if found else None)  # nobody's face is a yes to a name not known
        self.setText(self.model.claim or unknown)
        self._mark(bool(unknown))

    def _mark(self, unknown: bool) -> None:
        if bool(self.property("invalid")) != unknown:
            self.setProperty("invalid", unknown)
            restyle(self)
        self.setToolTip("Nobody is enrolled by this name." if unknown else "Whom to verify")


class PeopleList(QListWidget):
    """Everybody who is enrolled; the one selected is the one claimed."""

    wanted = Signal(str, QPoint)
    deleting = Signal(str)
    renaming = Signal(str)

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.shared = model
        self._faces: dict[str, tuple[int, QImage]] = {}
        self._filling = False
        self.setItemDelegate(_Row(self))
        self.setAccessibleName("Gallery")
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.currentItemChanged.connect(self._choose)
        model.claim_changed.connect(self._follow_claim)
        model.chips_arrived.connect(self.viewport().update)
        theme().changed.connect(self._fit)

    def refresh(self) -> None:
        """Fill it anew."""
        self._filling = True
        self.clear()
        for person in self.shared.gallery.people():
            item = QListWidgetItem(person.name)
            item.setData(NAME, person.name)
            item.setData(COUNT, person.count)
            pictures = "1 picture" if person.count == 1 else f"{person.count} pictures"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{person.name}, {pictures}")
            self.addItem(item)
        self._filling = False
        self._fit()
        self._follow_claim()

    def _fit(self) -> None:
        """As tall as its rows, so that what stands below it stands right below it."""
        self.setMaximumHeight(max(1, self.count()) * theme().tokens.px(ROW_HEIGHT) + 2)

    def face(self, name: str, count: int) -> QImage | None:
        """The first picture of a person, small; kept until the number of their pictures changes."""
        kept = self._faces.get(name)
        if kept is None or kept[0] != count:
            chips = self.shared.chips_of(name)
            if not chips:
                return None
            side = theme().tokens.px(64)
            smooth = Qt.TransformationMode.SmoothTransformation
            image = image_of(chips[0]).scaled(side, side, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
            self._faces[name] = kept = (count, image)
        return kept[1]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item: QListWidgetItem | None = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deleting.emit(item.data(NAME))
        elif item is not None and event.key() == Qt.Key.Key_F2:
            self.renaming.emit(item.data(NAME))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._filling = True  # Qt makes the first row the current one; nobody has chosen it
        super().focusInEvent(event)
        self._follow_claim()

    def sizeHint(self) -> QSize:
        return QSize(theme().tokens.px(160), theme().tokens.px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().tokens.px(120), theme().tokens.px(ROW_HEIGHT * 2))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if not self._filling and item is not None:
            self.shared.set_claim(item.data(NAME))

    def _follow_claim(self) -> None:
        self._filling = True
        wanted = self.shared.claim
        row = next((at for at in range(self.count()) if self.item(at).data(NAME) == wanted), -1)
        self.setCurrentRow(row)
        if row < 0:
            self.clearSelection()
        self._filling = False

    def _ask_menu(self, place: QPoint) -> None:
        item = self.itemAt(place) or self.currentItem()
        if item is not None:
            self.wanted.emit(item.data(NAME), self.viewport().mapToGlobal(place))


class _Row(QStyledItemDelegate):
    def __init__(self, people: PeopleList) -> None:
        super().__init__(people)
        self._people = people

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme().tokens.px(120), theme().tokens.px(ROW_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, px = theme().tokens, theme().tokens.px
        state = option.state
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(tokens.accent_wash)
            if self._people.hasFocus():
                painter.setPen(tokens.accent)
            painter.drawRoundedRect(area, px(6), px(6))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(tokens.hover)
            painter.drawRoundedRect(area, px(6), px(6))
        name, count = index.data(NAME), index.data(COUNT)
        circle = QRectF(rect.left() + px(6), rect.top() + px(6), px(32), px(32))
        paint_round(painter, self._people.face(name, count), circle)
        left = rect.left() + px(46)
        width = rect.right() - left - px(4)
        font = theme().font()
        painter.setFont(font)
        painter.setPen(tokens.text)
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
        line = QRect(left, rect.top() + px(5), width, px(18))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(theme().font("label"))
        painter.setPen(tokens.muted)
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        line = QRect(left, rect.top() + px(23), width, px(16))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, pictures)
        painter.restore()
