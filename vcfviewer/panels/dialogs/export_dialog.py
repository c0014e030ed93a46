"""Exporting films: which, where to, in which formats, with whose names; then what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QHBoxLayout,
    QProgressBar,
    QRadioButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import ConfigError
from engine.review.export_values import LABELME, TABLES, ExportOptions, ExportReport, FilmCopy, export_formats
from vcfviewer.panels.dialogs._parts import PathField, name_button, name_buttons, read_only_table, say, text_label
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

_FORMATS = (
    (LABELME, QT_TRANSLATE_NOOP("ExportDialog", "labelme JSON, for labelme and for training")),
    (TABLES, QT_TRANSLATE_NOOP("ExportDialog", "CSV tables of findings and decisions")),
    ("coco", QT_TRANSLATE_NOOP("ExportDialog", "COCO, polygons")),
    ("coco_rle", QT_TRANSLATE_NOOP("ExportDialog", "COCO, run-length masks")),
    ("yolo", QT_TRANSLATE_NOOP("ExportDialog", "YOLO segmentation")),
)
"""What a reader calls the formats; one that isn't here goes by its name."""


class FilmChoice(Enum):
    """Which films are exported."""

    SELECTED = "selected"
    REVIEWED = "reviewed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What the reader asked for."""

    films: FilmChoice
    options: ExportOptions


class ExportDialog(QDialog):
    """First the choices, then the progress, then the report; each on a page of its own."""

    chosen = Signal(object)
    """An `ExportRequest`; the answer comes back through `show_progress`, `show_report` or `show_failure`."""

    cancel_asked = Signal()
    """The export under way is to be broken off."""

    train_asked = Signal(str)
    """The reader wants to train on the export in this folder."""

    def __init__(
        self, counts: Mapping[FilmChoice, int], folder: str, reader: str, parent: QWidget | None = None
    ) -> None:
        """Offer the films by their `counts`; `folder` is where exports went last; `reader` is who exports."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self._reader = reader
        self._report: ExportReport | None = None
        self._films = QButtonGroup(self)
        self._copies = QButtonGroup(self)
        self._formats: dict[str, QCheckBox] = {}
        self._folder = PathField(self.tr("Folder for the export"), folder, self.tr("a new or empty folder"))
        self._image_data = QCheckBox(self.tr("&imageData: put a copy of the film into each labelme file"))
        self._deidentify = QCheckBox(self.tr("&De-identify: no names, dates and paths; films as plain PNG"))
        self._share = QSpinBox()
        self._wrong = text_label("", "danger")
        self._pages = QStackedWidget()
        self._bar = QProgressBar()
        self._now = text_label("", "muted")
        self._result = QVBoxLayout()
        self._buttons = QDialogButtonBox()
        self._go = self._buttons.addButton(self.tr("&Export"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._open = self._buttons.addButton(self.tr("&Open folder"), QDialogButtonBox.ButtonRole.ActionRole)
        self._train = self._buttons.addButton(self.tr("&Train on it…"), QDialogButtonBox.ButtonRole.ActionRole)
        self._close = self._buttons.addButton(self.tr("Ca&ncel"), QDialogButtonBox.ButtonRole.RejectRole)
        self._arrange(counts)
        self._connect()
        self._check()
        self._show_page(0)
        self.resize(660, 600)

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show how many films are written; `text` names the one in work."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        say(self._now, text)

    def show_failure(self, text: str) -> None:
        """Say why there is no export, with the choices as they were."""
        self._show_page(0)
        say(self._wrong, text)

    def show_report(self, report: ExportReport) -> None:
        """Show what was written, what was left out and why, and what to look at."""
        self._report = report
        while (item := self._result.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for widget in self._report_widgets(report):
            self._result.addWidget(widget)
        self._show_page(2)

    def reject(self) -> None:
        """Break off an export that is under way; else close."""
        if self._pages.currentIndex() == 1:
            self.cancel_asked.emit()
        else:
            super().reject()

    def _arrange(self, counts: Mapping[FilmChoice, int]) -> None:
        choices = QWidget()
        column = QVBoxLayout(choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._film_box(counts))
        column.addWidget(self._folder)
        column.addWidget(self._format_box())
        column.addWidget(self._copy_box())
        column.addWidget(self._deidentify)
        warning = self.tr(
            "Text that is burned into a picture stays in it. The export says which films may show some: look at each "
            "of them before you hand it on."
        )
        column.addWidget(text_label(warning, "warning"))
        column.addLayout(self._share_row())
        column.addStretch(1)
        column.addWidget(self._wrong)
        progress = QWidget()
        under_way = QVBoxLayout(progress)
        under_way.addWidget(self._bar)
        under_way.addWidget(self._now)
        under_way.addStretch(1)
        self._bar.setAccessibleName(self.tr("Progress of the export"))
        report = QWidget()
        report.setLayout(self._result)
        for page in (choices, progress, report):
            self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.addWidget(self._pages, 1)
        whole.addWidget(self._buttons)
        for box in (self._image_data, self._deidentify):
            name_button(box)
        name_buttons(self._buttons)

    def _film_box(self, counts: Mapping[FilmChoice, int]) -> QGroupBox:
        box = QGroupBox(self.tr("Films"))
        row = QHBoxLayout(box)
        texts = {
            FilmChoice.SELECTED: self.tr("&Selected in the worklist ({films})"),
            FilmChoice.REVIEWED: self.tr("&Reviewed ({films})"),
            FilmChoice.ALL: self.tr("&All of the folder ({films})"),
        }
        hints = {
            FilmChoice.SELECTED: self.tr("The rows that are marked in the worklist; Ctrl and Shift mark several."),
            FilmChoice.REVIEWED: self.tr("The films that you called reviewed or without fracture."),
            FilmChoice.ALL: self.tr("Every film of the folder that can be read."),
        }
        for number, choice in enumerate(FilmChoice):
            count = counts.get(choice, 0)
            films = self.tr("1 film") if count == 1 else self.tr("{count} films").format(count=count)
            button = QRadioButton(texts[choice].format(films=films))
            button.setEnabled(count > 0)
            button.setToolTip(hints[choice])
            name_button(button)
            self._films.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        wanted = (FilmChoice.REVIEWED, FilmChoice.SELECTED, FilmChoice.ALL)
        first = next((one for one in wanted if counts.get(one, 0)), FilmChoice.ALL)
        self._films.button(tuple(FilmChoice).index(first)).setChecked(True)
        return box

    def _format_box(self) -> QGroupBox:
        box = QGroupBox(self.tr("Formats"))
        column = QVBoxLayout(box)
        texts = dict(_FORMATS)
        for name in sorted(export_formats(), key=lambda name: list(texts).index(name) if name in texts else len(texts)):
            check = QCheckBox(translate("ExportDialog", texts.get(name, name)))
            check.setChecked(name in (LABELME, TABLES))
            name_button(check)
            self._formats[name] = check
            column.addWidget(check)
        column.addWidget(self._image_data)
        return box

    def _copy_box(self) -> QGroupBox:
        box = QGroupBox(self.tr("Films in the export"))
        column = QVBoxLayout(box)
        texts = (
            self.tr("&Copies of the films: the folder can be handed on"),
            self.tr("&Paths to the films: small, and tied to this computer"),
        )
        for number, text in enumerate(texts):
            button = QRadioButton(text)
            name_button(button)
            button.setChecked(number == 0)
            self._copies.addButton(button, number)
            column.addWidget(button)
        return box

    def _share_row(self) -> QHBoxLayout:
        self._share.setRange(0, 90)
        self._share.setSuffix(" %")
        self._share.setValue(20)
        self._share.setSpecialValueText(self.tr("none"))
        self._share.setAccessibleName(self.tr("Share of the patients to hold out for testing"))
        row = QHBoxLayout()
        label = text_label(self.tr("Share of the patients to hold out for testing, never to be trained on"), wrap=False)
        label.setBuddy(self._share)
        row.addWidget(label)
        row.addWidget(self._share)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        self._folder.changed.connect(self._check)
        self._deidentify.toggled.connect(self._check)
        for check in self._formats.values():
            check.toggled.connect(self._check)
        self._go.clicked.connect(self._ask)
        self._close.clicked.connect(self.reject)
        self._open.clicked.connect(self._open_folder)
        self._train.clicked.connect(self._ask_training)

    def _check(self) -> None:
        hidden = self._deidentify.isChecked()
        if hidden:
            self._copies.button(0).setChecked(True)
        self._copies.button(1).setEnabled(not hidden)
        self._image_data.setEnabled(self._formats[LABELME].isChecked())
        missing = ""
        if not any(check.isChecked() for check in self._formats.values()):
            missing = self.tr("Choose at least one format.")
        elif not self._folder.path:
            missing = self.tr("Choose the folder for the export.")
        elif not any(button.isEnabled() for button in self._films.buttons()):
            missing = self.tr("There is no film to export.")
        say(self._wrong, missing, "muted")
        self._go.setEnabled(not missing)

    def _ask(self) -> None:
        formats = tuple(name for name, check in self._formats.items() if check.isChecked())
        try:
            options = ExportOptions(
                Path(self._folder.path),
                formats,
                FilmCopy.COPY if self._copies.checkedId() == 0 else FilmCopy.PATH,
                self._image_data.isChecked() and LABELME in formats,
                self._deidentify.isChecked(),
                self._share.value() / 100,
                self._reader,
            )
        except ConfigError as error:
            say(self._wrong, str(error), "danger")
            return
        self._bar.setRange(0, 0)
        say(self._now, "")
        self._show_page(1)
        self.chosen.emit(ExportRequest(tuple(FilmChoice)[self._films.checkedId()], options))

    def _show_page(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        self._go.setVisible(page == 0)
        self._open.setVisible(page == 2)
        self._train.setVisible(page == 2 and self._report is not None and self._report.training_films > 0)
        self._close.setText(self.tr("&Close") if page == 2 else self.tr("Ca&ncel"))
        name_buttons(self._buttons)

    def _report_widgets(self, report: ExportReport) -> list[QWidget]:
        count = self.tr("Films: {train} for training, {held} held out, {skipped} left out. Files: {files}")
        text = count.format(
            train=report.training_films, held=report.held_out_films, skipped=len(report.skipped),
            files=len(report.written),
        )  # fmt: skip
        widgets: list[QWidget] = [text_label(str(report.folder), "heading"), text_label(text)]
        if report.warnings:
            widgets.append(text_label(self.tr("Look at these before you hand the export on:"), "warning"))
            rows = [(warning,) for warning in report.warnings]
            widgets.append(read_only_table((self.tr("Warning"),), rows, self.tr("Warnings of the export"), wrap=True))
        if report.skipped:
            widgets.append(text_label(self.tr("Left out, and why:")))
            rows_skipped = [(one.film, one.reason) for one in report.skipped]
            headers = (self.tr("Film"), self.tr("Reason"))
            widgets.append(read_only_table(headers, rows_skipped, self.tr("Films that were left out"), wrap=True))
        if not report.warnings and not report.skipped:
            widgets.append(text_label(self.tr("Every film was written, and there is nothing to look at again.")))
            widgets.append(QWidget())
        return widgets

    def _open_folder(self) -> None:
        if self._report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report.folder)))

    def _ask_training(self) -> None:
        if self._report is not None:
            self.train_asked.emit(str(self._report.folder))
