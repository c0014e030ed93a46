"""The settings: who reads, how predictions are compared and shown, how the program looks, folders, keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain.morphometry import Facing
from vcfviewer.panels.dialogs._parts import PathField, name_button, name_buttons, say, text_label
from vcfviewer.panels.dialogs.keys_editor import ActionKey, KeysEditor
from vcfviewer.panels.words import facing_word
from vcfviewer.settings import Settings, Theme

EXAMPLE = '{"k1": "L1", "lwk 2 ok": "L2 normal"}'
"""A table of label texts, as its reader would write it."""


class SettingsDialog(QDialog):
    """Shows the settings in four pages; nothing is changed before OK."""

    chosen = Signal(object)
    """The new `Settings`."""

    def __init__(self, settings: Settings, actions: Sequence[ActionKey], parent: QWidget | None = None) -> None:
        """Show the settings as they stand."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self._reader = QLineEdit(settings.reader)
        self._threshold = QDoubleSpinBox()
        self._predict = QCheckBox(self.tr("&Predict as soon as a film is shown"))
        self._blind = QCheckBox(self.tr("&Blind first read: predictions stay hidden until I commit my own read"))
        self._facing = QComboBox()
        self._theme = QComboBox()
        self._language = QComboBox()
        self._annotations = PathField(
            self.tr("Folder of annotations"), settings.annotations_folder, self.tr("beside each film")
        )
        self._exports = PathField(
            self.tr("Folder for exports"), settings.export_folder, self.tr("asked for at each export")
        )
        self._runs = PathField(
            self.tr("Folder for trainings"), settings.runs_folder, self.tr("in your own data folder")
        )
        self._labels = PathField(
            self.tr("Label table"), settings.label_table, self.tr("none: only the labels that the program knows"),
            self.tr("JSON files (*.json)"),
        )  # fmt: skip
        self._keys = KeysEditor(actions, settings.keys)
        self._pages = QTabWidget()
        self._wrong = text_label("", "danger")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._arrange()
        self._buttons.accepted.connect(self._take)
        self._buttons.rejected.connect(self.reject)
        self._reader.textChanged.connect(self._check)
        self._check()
        self.resize(720, 560)

    def show_keys(self, action: str = "") -> None:
        """Open the page of keys, with an action marked where one is named."""
        self._pages.setCurrentWidget(self._keys)
        self._keys.mark(action)

    def _arrange(self) -> None:
        self._pages.setAccessibleName(self.tr("Pages of the settings"))
        self._pages.addTab(self._reading_page(), self.tr("&Reading"))
        self._pages.addTab(self._look_page(), self.tr("&Look"))
        self._pages.addTab(self._folder_page(), self.tr("&Folders"))
        self._pages.addTab(self._keys, self.tr("&Keys"))
        name_buttons(self._buttons)
        column = QVBoxLayout(self)
        column.addWidget(self._pages)
        column.addWidget(self._wrong)
        column.addWidget(self._buttons)

    def _reading_page(self) -> QWidget:
        self._reader.setAccessibleName(self.tr("Reader's name"))
        self._threshold.setRange(0.05, 0.95)
        self._threshold.setSingleStep(0.05)
        self._threshold.setDecimals(2)
        self._threshold.setValue(self._settings.iou_threshold)
        self._threshold.setAccessibleName(self.tr("IoU threshold"))
        self._predict.setChecked(self._settings.predict_on_open)
        self._blind.setChecked(self._settings.blind_first_read)
        for box in (self._predict, self._blind):
            name_button(box)
        for code, text in (("", self.tr("not known")), *((one.value, facing_word(one)) for one in Facing)):
            self._facing.addItem(text, code)
        self._facing.setCurrentIndex(self._facing.findData(self._settings.assumed_facing))
        self._facing.setAccessibleName(self.tr("Facing of films that don't tell it"))
        page = QWidget()
        form = QFormLayout(page)
        form.addRow(self.tr("Reader's &name"), self._reader)
        form.addRow("", text_label(self.tr("Stands beside each decision and in the journal."), "muted", wrap=False))
        form.addRow(self.tr("&IoU threshold"), self._threshold)
        form.addRow(
            "",
            text_label(
                self.tr("An expert's and a model's finding count as one finding where their IoU reaches this."),
                "muted",
                wrap=False,
            ),
        )
        form.addRow(self.tr("Facin&g of films that don't tell it"), self._facing)
        form.addRow(
            "",
            text_label(
                self.tr("Heights need it. What a film's file or label says, or you set for a film, goes first."),
                "muted",
                wrap=False,
            ),
        )
        form.addRow("", self._predict)
        form.addRow("", self._blind)
        form.addRow(
            "", text_label(self.tr("Both reads are stored: the blind one and the final one."), "muted", wrap=False)
        )
        return page

    def _look_page(self) -> QWidget:
        for theme, text in (
            (Theme.DARK, self.tr("Dark, for the reading room")),
            (Theme.LIGHT, self.tr("Light")),
            (Theme.SYSTEM, self.tr("As the system")),
        ):
            self._theme.addItem(text, theme.value)
        self._theme.setCurrentIndex(self._theme.findData(self._settings.theme.value))
        self._theme.setAccessibleName(self.tr("Theme"))
        for code, text in (("system", self.tr("As the system")), ("en", "English"), ("ko", "한국어")):
            self._language.addItem(text, code)
        self._language.setCurrentIndex(self._language.findData(self._settings.language))
        self._language.setAccessibleName(self.tr("Language"))
        page = QWidget()
        form = QFormLayout(page)
        form.addRow(self.tr("&Theme"), self._theme)
        form.addRow(self.tr("L&anguage"), self._language)
        return page

    def _folder_page(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.addRow(self.tr("&Annotations"), self._annotations)
        form.addRow(
            "",
            text_label(
                self.tr("Labelme files are read from and written to this folder. Empty: they lie beside the films."),
                "muted",
                wrap=False,
            ),
        )
        form.addRow(self.tr("La&bel table"), self._labels)
        text = self.tr("What your own label texts mean: a JSON file such as {example}.").format(example=EXAMPLE)
        form.addRow("", text_label(text, "muted", wrap=False))
        form.addRow(self.tr("&Exports"), self._exports)
        form.addRow(self.tr("&Trainings"), self._runs)
        form.addRow("", text_label(self.tr("Checkpoints and new models are kept here."), "muted", wrap=False))
        return page

    def _check(self) -> None:
        named = bool(self._reader.text().strip())
        say(self._wrong, "" if named else self.tr("Enter the reader's name: every decision is stored with it."))
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(named)

    def _take(self) -> None:
        self.accept()
        self.chosen.emit(
            replace(
                self._settings,
                reader=self._reader.text().strip(),
                iou_threshold=round(self._threshold.value(), 2),
                predict_on_open=self._predict.isChecked(),
                assumed_facing=self._facing.currentData(),
                blind_first_read=self._blind.isChecked(),
                theme=Theme(self._theme.currentData()),
                language=self._language.currentData(),
                annotations_folder=self._annotations.path,
                label_table=self._labels.path,
                export_folder=self._exports.path,
                runs_folder=self._runs.path,
                keys=self._keys.keys,
            )
        )
