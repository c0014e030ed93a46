"""Another language, chosen in the settings, is shown at once, and what the reader had under way stays."""

import shutil

import numpy as np
import pytest
from opened_window import PATIENCE, opened_window
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction, QFontDatabase, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QTabWidget,
    QWidget,
)
from qt import settle, wait_until

from engine.domain import edits
from engine.domain.annotation import Shape
from engine.domain.case import Prediction
from engine.domain.polygon import Polygon
from engine.resources import samples_dir
from engine.store import FolderStore
from engine.weights import read_card
from vcfviewer.canvas.values import ToolName
from vcfviewer.panels.banners import BannerKind
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog
from vcfviewer.session.predicting import bundled_card
from vcfviewer.translation import Texts, install_translation, translate


@pytest.fixture(autouse=True)
def english_again(qt_app):
    yield
    install_translation(qt_app, "en")


@pytest.fixture
def films(tmp_path):
    """Two samples with an expert's file, the first with a prediction that agrees, misses and adds."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("sample_01", "sample_04"):
        for ending in ("png", "json"):
            shutil.copyfile(samples_dir() / f"{name}.{ending}", folder / f"{name}.{ending}")
    store = FolderStore.open(folder, "reader")
    outline = Polygon(np.array([[300.0, 300.0], [400.0, 300.0], [400.0, 380.0], [300.0, 380.0]]))
    prediction = Prediction(read_card(bundled_card()), (10, 10), (Shape("found", "L1", outline, score=0.99),), 0.1)
    store.put_prediction(store.content_sha256(folder / "sample_01.png"), prediction)
    store.close()
    return folder


def words(window):
    """Everything that stands on a window in words, by the kind of what it stands on; figures and names stay out."""
    found = {"title": [window.windowTitle()]}
    found["actions"] = [action.text() for action in window.findChildren(QAction)]
    found["tips"] = [action.toolTip() for action in window.findChildren(QAction)]
    found["menus"] = [menu.title() for menu in window.findChildren(QMenu)]
    found["docks"] = [dock.windowTitle() for dock in window.findChildren(QDockWidget)]
    found["labels"] = [label.text() for label in window.findChildren(QLabel)]
    found["buttons"] = [button.text() for button in window.findChildren(QAbstractButton)]
    found["fields"] = [field.placeholderText() for field in window.findChildren(QLineEdit)]
    found["choices"] = [box.itemText(n) for box in window.findChildren(QComboBox) for n in range(box.count())]
    # Qt's own buttons in the title of a dock have names that it never says again.
    ours = [widget for widget in window.findChildren(QWidget) if not widget.objectName().startswith("qt_")]
    found["names"] = [widget.accessibleName() for widget in ours]
    found["hints"] = [widget.toolTip() for widget in ours]
    found["headers"] = [
        table.model().headerData(column, Qt.Orientation.Horizontal, role)
        for table in window.findChildren(QTableView)
        for column in range(table.model().columnCount())
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    ]
    found["cells"] = [
        table.model().index(row, column).data()
        for table in window.findChildren(QTableView)
        for row in range(table.model().rowCount())
        for column in range(table.model().columnCount())
    ]
    return {kind: [text or "" for text in texts] for kind, texts in found.items()}


def choose_language(window, code):
    """Choose it as a reader does: in the dialog, by OK."""
    window.bar.action("settings").trigger()
    wait_until(lambda: window.findChild(SettingsDialog), what="the settings")
    dialog = window.findChild(SettingsDialog)
    dialog._language.setCurrentIndex(dialog._language.findData(code))
    ok = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    QTest.mouseClick(ok, Qt.MouseButton.LeftButton)
    wait_until(lambda: window.findChild(SettingsDialog) is None, what="the end of the dialog")
    settle()


def is_korean(text):
    return any("\uac00" <= letter <= "\ud7a3" for letter in text)


@pytest.fixture
def window(tmp_path, films):
    with opened_window(tmp_path, films, predict_on_open=True, blind_first_read=False) as window:
        wait_until(lambda: window.session.case.prediction is not None, PATIENCE, "the kept prediction")
        wait_until(lambda: any(row.measurement for row in window.session.case.rows), PATIENCE, "the heights")
        row = window.worklist.model.shown_row
        wait_until(lambda: row(0).summary is not None and row(0).summary.predicted, PATIENCE, "the film's figures")
        window.banners.show_banner(BannerKind.READ_ONLY)
        settle()
        yield window


def test_every_word_on_the_window_follows_and_comes_back(window):
    before = words(window)
    choose_language(window, "ko")
    korean = words(window)
    kept = {
        kind: sorted({one for one, other in zip(texts, korean[kind], strict=True) if one == other and len(one) > 3})
        for kind, texts in before.items()
    }
    # What stays is a text that has no other in Korean: looked up there, it gives itself.
    contexts = {type(one).__name__ for one in window.findChildren(QWidget)} | {
        "actions", "banners", "desk", "findings", "screen", "words", "worklist",
    }  # fmt: skip
    stale = [
        (kind, text)
        for kind, texts in kept.items()
        for text in texts
        if any(translate(context, text) != text for context in contexts)
    ]
    assert stale == []
    for kind in ("title", "docks", "menus", "choices"):
        assert all(is_korean(text) for text in korean[kind] if text), (kind, korean[kind])
    choose_language(window, "en")
    after = words(window)
    assert {kind: texts for kind, texts in after.items() if texts != before[kind]} == {}


def test_nothing_that_the_reader_had_under_way_is_lost(window):
    session = window.session
    shape = session.document.annotation.shapes[0]
    session.deciding.apply("Move", lambda annotation: edits.move_shapes(annotation, [shape.id], 3.0, 0.0))
    window.comparison.set_tool(ToolName.POLYGON)
    window.comparison.zoom(1.7)
    row = session.case.compared[0]
    session.case.choose(row.key)
    window.comparison.select(frozenset((shape.id,)))
    window.worklist._search.setText("sample")
    settle()
    comment = window.decisions.film._comment
    comment.setText("half a com")
    state = (session.case.key, session.case.case, session.case.current, window.comparison.view_state,
             window.comparison.tool, window.comparison.selection, window.worklist.current, window.worklist.selected,
             window.comparison.shown_film)  # fmt: skip
    moved = session.document.annotation

    choose_language(window, "ko")
    assert state == (session.case.key, session.case.case, session.case.current, window.comparison.view_state,
                     window.comparison.tool, window.comparison.selection, window.worklist.current,
                     window.worklist.selected, window.comparison.shown_film)  # fmt: skip
    assert session.document.annotation.shapes == moved.shapes
    assert comment.text() == "half a com"
    assert window.worklist._search.text() == "sample"
    window.comparison.set_tool(ToolName.SELECT)
    while session.document.undo_stack.canUndo():
        window.bar.action("undo").trigger()
    assert session.document.annotation.shape(shape.id).polygon == shape.polygon
    while session.document.undo_stack.canRedo():
        window.bar.action("redo").trigger()
    assert session.document.annotation.shapes == moved.shapes


def test_what_is_said_later_is_said_in_the_language_chosen(window):
    choose_language(window, "ko")
    window.bar.action("reviewed").trigger()
    settle()
    window.desk.next_disagreement(-1)
    assert is_korean(window.comparison.hint)
    assert all(is_korean(row.text) for row in window.desk.key_rows() if not row.text[-1:].isdigit())
    assert is_korean(window.desk.action_keys()[0].text)
    window.bar.action("settings").trigger()
    wait_until(lambda: window.findChild(SettingsDialog), what="the settings")
    assert is_korean(window.findChild(SettingsDialog).windowTitle())
    window.findChild(SettingsDialog).reject()
    settle()


def test_a_text_is_said_again_as_long_as_its_widget_lives(qt_app):
    label = QLabel()
    told = []
    Texts(label)(lambda: told.append(translate("CommentDialog", "Flag and comment")))
    install_translation(qt_app, "ko")
    settle()
    assert (told[0], told[-1]) == ("Flag and comment", "표시와 메모")
    install_translation(qt_app, "en")
    settle()
    assert told[-1] == "Flag and comment"
    count = len(told)
    label.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    install_translation(qt_app, "ko")
    settle()
    assert len(told) == count


def clipped(root):
    """The texts on a window that have less room than they ask for."""
    ours = [one for one in root.findChildren(QWidget) if one.isVisible() and not one.objectName().startswith("qt_")]
    texts = [one for one in ours if isinstance(one, QAbstractButton) and one.text()]
    texts += [one for one in ours if isinstance(one, QLabel) and one.text() and not one.wordWrap()]
    return [f"{one.text()}: {one.width()} of {one.sizeHint().width()} px" for one in texts
            if one.width() < one.sizeHint().width()]  # fmt: skip


@pytest.mark.parametrize("code", ["en", "ko"])
def test_no_text_of_the_window_is_clipped(window, code):
    choose_language(window, code)
    assert clipped(window) == []


@pytest.mark.parametrize("code", ["en", "ko"])
def test_the_words_of_the_ladder_of_levels_have_room(window, code):
    choose_language(window, code)
    table, model = window.levels.findChild(QTableView), window.levels.model
    cells = [model.index(row, column) for row in range(model.rowCount()) for column in range(model.columnCount())]
    words_and_room = [(one.data(), table.columnWidth(one.column())) for one in cells if one.data()]
    assert translate("LevelModel", "n. a.") in {word for word, _room in words_and_room}
    # Six pixels: what Qt keeps free beside a cell's text.
    assert [
        (word, room) for word, room in words_and_room if table.fontMetrics().horizontalAdvance(word) + 6 > room
    ] == []


@pytest.mark.parametrize("name", ["settings", "export", "keys", "retrain", "comment", "about"])
def test_no_text_of_a_dialog_is_clipped_in_korean(window, name):
    choose_language(window, "ko")
    window.bar.action(name).trigger()
    wait_until(lambda: window.findChild(QDialog), what="the dialog")
    dialog = window.findChild(QDialog)
    settle()
    pages = dialog.findChild(QTabWidget)
    found = []
    for page in range(1 if pages is None else pages.count()):
        if pages is not None:
            pages.setCurrentIndex(page)
        settle()
        found += clipped(dialog)
    dialog.reject()
    settle()
    assert found == []


def test_hangul_is_drawn_with_a_font_that_has_it(qt_app):
    """Qt falls back to such a font by itself; a letter that no font has is drawn as the same box as any other."""
    if not QFontDatabase.families(QFontDatabase.WritingSystem.Korean):
        pytest.skip("no font of this system has Hangul")
    drawn = []
    for letter in ("가", "뼈", "\U000e0fff"):
        image = QImage(60, 60, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        painter.setPen(Qt.GlobalColor.black)
        painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, letter)
        painter.end()
        drawn.append(bytes(image.constBits()))
    assert len(set(drawn)) == 3
