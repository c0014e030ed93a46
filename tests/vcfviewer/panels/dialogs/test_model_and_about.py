"""Model cards as they are listed and read; the about dialog; the licences of what is installed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget, QPlainTextEdit, QPushButton, QTableWidget, QTabWidget, QTextBrowser

from engine import __version__
from engine.domain.case import NOTICE
from engine.resources import weights_dir
from engine.weights import read_card, write_card
from vcfviewer.panels.dialogs.about_dialog import AboutDialog
from vcfviewer.panels.dialogs.card_view import FIGURES, CardView, card_html, figure_text, metric
from vcfviewer.panels.dialogs.licences import licence_text, licences
from vcfviewer.panels.dialogs.model_dialog import ModelDialog, find_cards
from vcfviewer.panels.words import DASH

BUNDLED = next(weights_dir().glob("*.card.json"))


def made_card(folder: Path, name: str, **changes):
    """Write a card with weights beside it."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(b"weights")
    card = replace(read_card(BUNDLED), name=name, shards=(f"{name}.safetensors",), **changes)
    write_card(folder / f"{name}.card.json", card)
    return folder / f"{name}.card.json"


def button(dialog, text):
    return next(one for one in dialog.findChildren(QPushButton) if text in one.text().replace("&", ""))


def test_the_bundled_card_is_read_in_full():
    card = read_card(BUNDLED)
    view = CardView(card)
    text = view.toPlainText()
    assert NOTICE in text
    assert card.name in text
    for failure in card.known_failures:
        assert " ".join(failure.split()) in " ".join(text.split())
    overall = card.metrics["ap"]["mask AP50"]["all"]
    assert f"{overall['value']:.2f} ({overall['low']:.2f} to {overall['high']:.2f}), n {overall['n']}" in text
    assert "Simulated films" in text
    assert f"{card.metrics['films']} films" in text


def test_every_figure_of_the_table_stands_in_the_bundled_card():
    card = read_card(BUNDLED)
    assert [name for name, place in FIGURES if metric(card.metrics, place) is None] == []


def test_figures_that_are_not_there_are_dashes_and_never_raise():
    assert figure_text(None) == DASH
    assert figure_text({"value": 0.5}) == "0.50"
    assert metric({"ap": 3}, ("ap", "mask AP50")) is None
    assert metric({"ap": {"value": None}}, ("ap",)) is None


def test_a_card_without_figures_says_so_and_its_texts_are_escaped():
    card = replace(read_card(BUNDLED), metrics={}, known_failures=("<script>",), intended_use="a < b", name="<b>")
    html = card_html(card)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "nobody knows how good it is" in html
    assert "a &lt; b" in html


def test_cards_are_found_once_and_broken_ones_are_named(tmp_path):
    first = made_card(tmp_path / "a", "first")
    (tmp_path / "a" / "broken.card.json").write_text("{", encoding="utf-8")
    lost = made_card(tmp_path / "b", "lost")
    (tmp_path / "b" / "lost.safetensors").unlink()
    entries, wrong = find_cards([tmp_path / "a", tmp_path / "none"], [first, lost])
    assert [entry.path for entry in entries] == [first.resolve()]
    assert len(wrong) == 2
    assert any("lost.safetensors" in text for text in wrong)


def opened(tmp_path):
    made_card(tmp_path, "first")
    made_card(tmp_path, "second", known_failures=("It fails on Tuesdays.",))
    entries, wrong = find_cards([tmp_path])
    dialog = shown(ModelDialog(entries, tmp_path / "first.card.json", wrong))
    told = []
    dialog.chosen.connect(told.append)
    return dialog, told


def test_the_model_in_use_is_marked_and_another_is_chosen_by_keyboard(tmp_path):
    dialog, told = opened(tmp_path)
    rows = dialog.findChild(QListWidget)
    assert rows.hasFocus()
    assert (
        rows.currentItem().text()
        == f"first  (in use)\nMask R-CNN, score threshold {read_card(BUNDLED).score_threshold:.2f}"
    )
    assert not button(dialog, "Use this model").isEnabled()
    QTest.keyClick(rows, Qt.Key.Key_Down)
    assert "It fails on Tuesdays." in dialog.findChild(QTextBrowser).toPlainText()
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert told == [str((tmp_path / "second.card.json").resolve())]
    assert not dialog.isVisible()


def test_the_model_in_use_is_not_chosen_again(tmp_path):
    dialog, told = opened(tmp_path)
    QTest.keyClick(dialog.findChild(QListWidget), Qt.Key.Key_Return)
    assert told == []


def test_a_card_is_added_by_file_once(tmp_path):
    dialog, told = opened(tmp_path)
    added = []
    dialog.added.connect(added.append)
    third = made_card(tmp_path / "more", "third")
    dialog.add_card(third)
    dialog.add_card(third)
    assert added == [str(third.resolve())]
    assert dialog.findChild(QListWidget).currentItem().text().startswith("third\n")
    QTest.mouseClick(button(dialog, "Use this model"), Qt.MouseButton.LeftButton)
    assert told == [str(third.resolve())]


def test_a_file_that_is_no_card_is_told_and_the_list_stays(tmp_path):
    dialog, _ = opened(tmp_path)
    (tmp_path / "x.card.json").write_text(json.dumps({"model": "mask_rcnn"}), encoding="utf-8")
    dialog.add_card(tmp_path / "x.card.json")
    assert dialog.findChild(QListWidget).count() == 2
    assert any("x.card.json" in label.text() and label.isVisible() for label in dialog.findChildren(QLabel))


def test_the_about_dialog_says_research_use_only_and_shows_card_and_licences():
    dialog = shown(AboutDialog(read_card(BUNDLED), "Python 3.11, Qt 6"))
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    assert NOTICE in texts
    assert f"vcfviewer {__version__}" in texts
    dialog.show_card()
    assert dialog.findChild(QTabWidget).currentWidget() is dialog.findChild(CardView)
    assert "Apache License" in dialog.findChild(QPlainTextEdit).toPlainText()
    table = dialog.findChild(QTableWidget)
    assert "PySide6" in [table.item(row, 0).text() for row in range(table.rowCount())]
    QTest.mouseClick(button(dialog, "Copy versions"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == f"vcfviewer {__version__}\nPython 3.11, Qt 6"
    asked = []
    dialog.keys_asked.connect(lambda: asked.append(True))
    QTest.mouseClick(button(dialog, "All keys"), Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_the_about_dialog_without_a_model():
    dialog = AboutDialog(None, "")
    assert any("No model is in use" in label.text() for label in dialog.findChildren(QLabel))


def test_every_package_the_program_needs_is_listed_with_its_licence():
    found = {one.name.casefold(): one for one in licences()}
    for name in ("pyside6", "labelme", "numpy", "torch", "shapely", "pydicom"):
        assert found[name].version
    assert "gpl" in found["labelme"].licence.casefold()
    named = sum(bool(one.licence) for one in found.values())
    assert named > 0.8 * len(found)
    assert "Apache License" in licence_text()


@pytest.mark.parametrize("make", [lambda: AboutDialog(read_card(BUNDLED), "x"), lambda: AboutDialog(None, "x")])
def test_every_control_of_the_about_dialog_is_named_and_reached(make):
    assert check_controls(make()) >= 5


def test_every_control_of_the_model_dialog_is_named_and_reached(tmp_path):
    made_card(tmp_path, "first")
    made_card(tmp_path, "second")
    assert check_controls(ModelDialog(find_cards([tmp_path])[0], tmp_path / "second.card.json")) >= 4
