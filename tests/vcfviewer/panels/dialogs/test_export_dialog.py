"""The export dialog: choices become options, what contradicts itself can't be chosen, the report says all."""

import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QRadioButton, QSpinBox, QTableWidget
from qt import settle

from engine.formats.labelme import read_labelme
from engine.resources import samples_dir
from engine.review.export import ExportItem, export_bundle
from engine.review.export_values import ExportOptions, ExportReport, FilmCopy, SkippedFilm, export_formats
from vcfviewer.panels.dialogs.export_dialog import ExportDialog, FilmChoice

COUNTS = {FilmChoice.SELECTED: 2, FilmChoice.REVIEWED: 14, FilmChoice.ALL: 40}


def opened(folder="out", counts=COUNTS):
    dialog = shown(ExportDialog(counts, str(folder), "Kim"))
    told = []
    dialog.chosen.connect(told.append)
    return dialog, told


def button(dialog, text):
    kinds = (QPushButton, QRadioButton, QCheckBox)
    found = [one for kind in kinds for one in dialog.findChildren(kind) if text in one.text().replace("&", "")]
    return found[0]


def click(dialog, text):
    QTest.mouseClick(button(dialog, text), Qt.MouseButton.LeftButton, pos=button(dialog, text).rect().center())
    settle()


def toggle(dialog, text):
    QTest.keyClick(button(dialog, text), Qt.Key.Key_Space)


def texts(dialog):
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_the_defaults_are_reviewed_films_as_labelme_and_tables_with_a_hold_out():
    dialog, told = opened()
    click(dialog, "Export")
    assert told[0].films is FilmChoice.REVIEWED
    assert told[0].options == ExportOptions(told[0].options.folder, holdout_share=0.2, reader="Kim")
    assert told[0].options.folder.name == "out"


def test_every_choice_reaches_the_options():
    dialog, told = opened()
    toggle(dialog, "All of the folder (40 films)")
    for name in ("COCO, polygons", "run-length", "YOLO", "imageData", "CSV"):
        toggle(dialog, name)
    toggle(dialog, "Paths to the films")
    share = dialog.findChild(QSpinBox)
    share.setFocus()
    QTest.keyClick(share, Qt.Key.Key_Up)
    click(dialog, "Export")
    options = told[0].options
    assert told[0].films is FilmChoice.ALL
    assert set(options.formats) == {"labelme", "coco", "coco_rle", "yolo"}
    assert options.films is FilmCopy.PATH
    assert options.image_data
    assert options.holdout_share == pytest.approx(0.21)


def test_every_format_of_the_registry_is_offered():
    dialog, _ = opened()
    assert set(dialog._formats) == set(export_formats())


def test_de_identified_exports_have_copies_and_the_warning_stands_there():
    dialog, told = opened()
    toggle(dialog, "Paths to the films")
    assert "burned into a picture stays in it" in texts(dialog)
    toggle(dialog, "De-identify")
    assert button(dialog, "Copies of the films").isChecked()
    assert not button(dialog, "Paths to the films").isEnabled()
    click(dialog, "Export")
    assert told[0].options.deidentify
    assert told[0].options.films is FilmCopy.COPY


def test_what_is_missing_is_said_and_nothing_is_exported():
    dialog, told = opened(folder="")
    assert not button(dialog, "Export").isEnabled()
    assert "Choose the folder" in texts(dialog)
    QTest.keyClicks(dialog.findChild(QLineEdit), "somewhere")
    assert button(dialog, "Export").isEnabled()
    toggle(dialog, "labelme JSON")
    toggle(dialog, "CSV")
    assert "at least one format" in texts(dialog)
    assert not button(dialog, "Export").isEnabled()
    assert told == []


def test_without_image_files_no_image_data():
    dialog, told = opened()
    toggle(dialog, "imageData")
    toggle(dialog, "labelme JSON")
    assert not button(dialog, "imageData").isEnabled()
    click(dialog, "Export")
    assert not told[0].options.image_data


def test_films_that_are_not_there_cannot_be_chosen():
    dialog, _ = opened(counts={FilmChoice.SELECTED: 0, FilmChoice.REVIEWED: 0, FilmChoice.ALL: 3})
    assert not button(dialog, "Selected in the worklist (0 films)").isEnabled()
    assert not button(dialog, "Reviewed (0 films)").isEnabled()
    assert button(dialog, "All of the folder (3 films)").isChecked()
    empty, _ = opened(counts={})
    assert not button(empty, "Export").isEnabled()


def test_each_choice_says_which_films_it_means_and_how_many():
    dialog, _ = opened(counts={FilmChoice.SELECTED: 1, FilmChoice.REVIEWED: 12, FilmChoice.ALL: 40})
    said = [one.text().replace("&", "") for one in dialog._films.buttons()]
    assert said == ["Selected in the worklist (1 film)", "Reviewed (12 films)", "All of the folder (40 films)"]
    assert all(one.toolTip() for one in dialog._films.buttons())


def test_while_it_runs_it_shows_progress_and_can_be_broken_off():
    dialog, _ = opened()
    asked = []
    dialog.cancel_asked.connect(lambda: asked.append(True))
    click(dialog, "Export")
    dialog.show_progress(3, 14, "sample_03.png")
    assert "sample_03.png" in texts(dialog)
    assert (dialog._bar.value(), dialog._bar.maximum()) == (3, 14)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert asked == [True]
    assert dialog.isVisible()
    dialog.show_failure("The disk is full.")
    assert "The disk is full." in texts(dialog)
    assert button(dialog, "Export").isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_report_of_a_real_export(tmp_path):
    items = [
        ExportItem(samples_dir() / f"sample_{number}.png", read_labelme(samples_dir() / f"sample_{number}.json"))
        for number in ("01", "03")
    ]
    report = export_bundle([*items, SkippedFilm("lost.png", "it can't be read")], ExportOptions(tmp_path / "out"))
    dialog, _ = opened(tmp_path / "out")
    trained = []
    dialog.train_asked.connect(trained.append)
    click(dialog, "Export")
    dialog.show_report(report)
    settle()
    assert "2 for training, 0 held out, 1 left out" in texts(dialog)
    cells = [
        table.item(row, column).text()
        for table in dialog.findChildren(QTableWidget)
        for row in range(table.rowCount())
        for column in range(table.columnCount())
    ]
    assert {"lost.png", "it can't be read"} <= set(cells)
    assert set(report.warnings) <= set(cells)
    click(dialog, "Train on it")
    assert trained == [str(report.folder)]
    click(dialog, "Close")
    assert not dialog.isVisible()


def test_an_export_without_films_offers_no_training_and_two_reports_dont_mix(tmp_path):
    dialog, _ = opened()
    click(dialog, "Export")
    dialog.show_report(ExportReport(tmp_path, (), (SkippedFilm("a", "b"),), ("see to film a",)))
    dialog.show_report(ExportReport(tmp_path, ()))
    settle()
    assert not button(dialog, "Train on it").isVisible()
    assert "nothing to look at again" in texts(dialog)
    assert "see to film a" not in texts(dialog)
    assert not any(table.isVisible() for table in dialog.findChildren(QTableWidget))


def test_every_control_has_a_name_and_a_stop_of_the_tab_key(tmp_path):
    dialog, _ = opened()
    assert check_controls(dialog) >= 12
    dialog.show_report(ExportReport(tmp_path, (), (SkippedFilm("a", "b"),), ("look at a",), 3, 1))
    settle()
    assert check_controls(dialog) >= 5
