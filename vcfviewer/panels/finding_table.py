"""What the tables of findings have in common: how they behave, and how they share a panel with the detail below."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

SWATCH = 16
"""Pixels that a kind's swatch is wide and high."""
IN_SIGHT = 4
"""Findings that are seen without scrolling, however low the window."""


def prepare_table(table: QTableView, model: QAbstractItemModel, line: int) -> None:
    """Let a table show findings: one row is selected at a time, nothing is edited; `line` is a text line in px."""
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.verticalHeader().setVisible(False)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(line + 12)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setMinimumSectionSize(SWATCH)
    model.modelReset.connect(lambda: _make_room(table))


def _make_room(table: QTableView) -> None:
    rows = min(table.model().rowCount(), IN_SIGHT)
    body = rows * table.verticalHeader().defaultSectionSize()
    table.setMinimumHeight(table.horizontalHeader().sizeHint().height() + body + 2 * table.frameWidth())


def show_detail(details: QScrollArea, detail: QWidget, shown: bool) -> None:
    """Show a detail in its scroll area, or nothing: a hidden one would still be scrolled."""
    policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if shown else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    details.setVerticalScrollBarPolicy(policy)
    detail.setVisible(shown)


def above_detail(
    message: QLabel, table: QTableView, details: QScrollArea, detail: QWidget, shares: tuple[int, int]
) -> QSplitter:
    """Return a splitter: `message` or `table` above, `detail` in its scroll area below, in these `shares` of height.

    There is no detail yet.
    """
    parent = table.parentWidget()
    details.setFrameShape(QFrame.Shape.NoFrame)
    details.setWidgetResizable(True)
    details.setWidget(detail)
    upper = QWidget(parent)
    stack = QVBoxLayout(upper)
    stack.setContentsMargins(0, 0, 0, 0)
    stack.addWidget(message)
    stack.addWidget(table, 1)
    splitter = QSplitter(Qt.Orientation.Vertical, parent)
    splitter.setChildrenCollapsible(False)
    splitter.addWidget(upper)
    splitter.addWidget(details)
    for place, share in enumerate(shares):
        splitter.setStretchFactor(place, share)
    show_detail(details, detail, shown=False)
    return splitter
