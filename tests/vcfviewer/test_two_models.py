"""Two models on one film, in a real window: what each of them said of the films lies in the folder's store."""

import hashlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from opened_window import PATIENCE, opened_window
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QDoubleSpinBox, QLabel, QListWidget, QPushButton, QTableView
from qt import settle, wait_until
from tiny_model import make_annotated, make_film
from widgets import named

from engine.domain.annotation import Shape
from engine.domain.case import NOTICE, ModelCard, Prediction
from engine.domain.labels import PAPER_CLASSES
from engine.domain.matching import MatchKind
from engine.domain.polygon import Polygon
from engine.store import FolderStore
from engine.weights import read_card, write_card
from vcfviewer.canvas.values import Side, ToolName, ViewMode
from vcfviewer.jobs import Lane
from vcfviewer.model_process import ModelProcess
from vcfviewer.panels.banners import BannerKind
from vcfviewer.panels.dialogs.model_dialog import SecondModelDialog
from vcfviewer.panels.pairs_model import PairColumn
from vcfviewer.panels.words import DASH

AGREES, DIFFERS, ONLY_A, ONLY_B = MatchKind
NEVER_ANSWERS = 'import sys\nprint(\'{"event": "ready"}\', flush=True)\nfor line in sys.stdin: pass'


def found(name, label, y, score, height=60.0):
    return Shape(name, label, Polygon(np.add([[0, 0], [90, 0], [90, height], [0, height]], [60.0, y])), score=score)


SAID = {
    # The film's bright block, which the expert drew as L1, reaches from y 80 to 200.
    ("one.png", "first"): (found("a1", "L1", 80, 0.9, 120), found("a2", "L3", 220, 0.8), found("a3", "T11", 10, 0.55)),
    ("one.png", "second"): (found("b1", "L1", 84, 0.7, 120), found("b2", "L4", 221, 0.6)),
    ("two.png", "first"): (found("a4", "L2", 100, 0.9),),
    ("two.png", "second"): (found("b4", "L2", 101, 0.9),),
    ("three.png", "first"): (),
    ("three.png", "second"): (found("b5", "L2", 100, 0.5),),
}
"""Film and model -> findings; the thresholds are 0.6 (first) and 0.4 (second)."""


def make_card(runs, name, threshold):
    """A card whose weights are never loaded: its predictions are kept already."""
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"")
    card = ModelCard(
        "mask_rcnn", PAPER_CLASSES, (96, 128), (0.5,) * 3, (0.2,) * 3, threshold,
        hashlib.sha256(name.encode()).hexdigest(), name=name, shards=("weights.safetensors",),
    )  # fmt: skip
    write_card(folder / f"{name}.card.json", card)
    return folder / f"{name}.card.json"


@pytest.fixture
def cards(tmp_path):
    return {name: make_card(tmp_path / "runs", name, at) for name, at in (("first", 0.6), ("second", 0.4))}


@pytest.fixture
def films(tmp_path, cards):
    folder = tmp_path / "films"
    make_annotated(folder / "one.png")
    make_film(folder / "two.png", (330, 240))
    make_film(folder / "three.png", (340, 240))
    store = FolderStore.open(folder, "test")
    for (film, name), shapes in SAID.items():
        prediction = Prediction(read_card(cards[name]), (320, 240), shapes, 0.1)
        store.put_prediction(store.content_sha256(folder / film), prediction)
    store.close()
    return folder


@pytest.fixture
def window(tmp_path, films, cards):
    with opened_window(
        tmp_path, films / "one.png", films / "two.png", films / "three.png", predict_on_open=True,
        model_card=str(cards["first"]), runs_folder=str(tmp_path / "runs"),
    ) as window:  # fmt: skip
        show(window, "one.png")
        yield window


def show(window, key):
    case = window.session.case
    if case.key != key:
        window.desk.open_film(key)
    wait_until(lambda: case.key == key and case.prediction is not None, PATIENCE, key)
    settle()


def press(window, keys):
    window.activateWindow()
    wait_until(window.isActiveWindow, PATIENCE, "the window's keys")
    combination = QKeySequence(keys)[0]
    QTest.keyClick(QApplication.focusWidget() or window, combination.key(), combination.keyboardModifiers())
    settle()


def compare(window, name="second"):
    press(window, "Ctrl+Shift+C")
    dialog = window.findChild(SecondModelDialog)
    offered = named(dialog, QListWidget, "Models")
    row = next(row for row in range(offered.count()) if offered.item(row).text().startswith(name))
    offered.setCurrentRow(row)
    QTest.keyClick(offered, Qt.Key.Key_Return)
    wait_until(lambda: window.session.second.ready, PATIENCE, "both models' findings")
    settle()


def kinds_on(window, side):
    return {item.drawn.shape.label: item.drawn.kind for item in window.comparison.scene(side).shape_items}


def label(window, name):
    return named(window.desk.pairs, QLabel, name).text()


def cells(window, row):
    model = window.desk.pairs.model
    return {column: model.index(row, column).data() for column in PairColumn}


def test_a_stands_beside_b_with_the_words_of_two_models(window):
    compare(window)
    views = {side: window.comparison.view(side).marks for side in Side}
    assert [views[side].caption for side in Side] == ["A: first", "B: second"]
    assert [views[side].notice for side in Side] == [NOTICE, NOTICE]
    # a3 lies below A's own threshold, though above B's; L1 stands behind as the expert drew it, too.
    scenes = {side: [item.drawn for item in window.comparison.scene(side).shape_items] for side in Side}
    assert [(one.shape.label, one.kind) for one in scenes[Side.EXPERT]] == [
        ("L1", None),
        ("L1", AGREES),
        ("L3", DIFFERS),
    ]
    assert [(one.shape.label, one.kind) for one in scenes[Side.MODEL]] == [
        ("L1", None),
        ("L1", AGREES),
        ("L4", DIFFERS),
    ]
    assert not any(one.editable for side in Side for one in scenes[side])
    first, second = cells(window, 0), cells(window, 1)
    assert (first[PairColumn.LEVEL], first[PairColumn.KIND]) == ("L1", "both")
    assert (first[PairColumn.SCORE_A], first[PairColumn.SCORE_B]) == ("0.90", "0.70")
    # 116 of 124 rows of pixels are shared.
    assert (first[PairColumn.IOU], first[PairColumn.DICE]) == ("0.94", "0.97")
    assert float(first[PairColumn.EXPERT_A]) > float(first[PairColumn.EXPERT_B]) > 0.9
    assert first[PairColumn.BOUNDARY].endswith(" px")
    assert (second[PairColumn.LEVEL], second[PairColumn.KIND]) == ("L3/L4", "label differs")
    assert (second[PairColumn.EXPERT_A], second[PairColumn.EXPERT_B]) == ("extra", "extra")
    assert "1 of 1 found, 1 extra" in label(window, "Model A")
    assert label(window, "Model A").startswith("A: first\n")
    assert label(window, "Model B").startswith("B: second\n")
    assert "both 1 · label differs 1 · only A 0 · only B 0" in window.screen_of.summary.text()
    assert BannerKind.TWO_MODELS in window.banners.kinds


def test_each_threshold_moves_its_own_model_and_the_reviews_stays(window):
    before = window.session.case.threshold
    compare(window)
    bars = window.screen_of.pair.thresholds
    assert [bar.threshold for bar in bars.bars] == [0.6, 0.4]
    assert window.threshold.isHidden()
    number = named(bars, QDoubleSpinBox, "A: Score threshold as a number")
    number.setFocus()
    number.selectAll()
    QTest.keyClicks(number, "0.50")
    QTest.keyClick(number, Qt.Key.Key_Return)
    settle()
    assert kinds_on(window, Side.EXPERT)["T11"] is ONLY_A
    assert [bar.threshold for bar in bars.bars] == [0.5, 0.4]
    window.comparison.view(Side.EXPERT).setFocus()
    press(window, "Alt+Up")
    assert [bar.threshold for bar in bars.bars] == [0.55, 0.45]
    press(window, "Ctrl+Shift+C")
    assert window.session.case.threshold == before
    assert window.threshold.isVisible()
    assert not bars.isVisible()


def test_a_row_that_is_chosen_is_framed_in_both_views_and_a_click_on_a_film_chooses_its_row(window):
    compare(window)
    table = named(window.desk.pairs, QTableView, "Findings of both models")
    at = table.visualRect(window.desk.pairs.model.index(1, PairColumn.LEVEL)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settle()
    states = [window.comparison.view(side).state for side in Side]
    assert states[0] == states[1]
    assert states[0].center == pytest.approx((105.0, 250.5))
    assert window.comparison.selection == {"a2", "B b2"}
    assert "A: L3, score 0.80." in "\n".join(one.text() for one in window.desk.pairs.findChildren(QLabel))
    press(window, "Ctrl+F")
    view = window.comparison.view(Side.MODEL)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(QPointF(105, 110)))
    settle()
    assert window.desk.pairs.current == "a1"


def test_nothing_is_decided_or_edited_and_the_review_is_as_it_was_left(window, films):
    window.comparison.set_tool(ToolName.LENGTH)
    window.desk.choose(window.session.case.rows[0].key)
    settle()
    assert window.session.case.current
    assert window.comparison.selection
    former = (
        window.comparison.view_state, window.comparison.selection, window.session.case.current,
        window.findings.current, window.comparison.tool, window.session.document.annotation,
    )  # fmt: skip
    file = films / "one.json"
    content = file.read_bytes()
    dock = window.findChild(QDockWidget, "decisions")
    compare(window)
    assert dock.isHidden()
    press(window, "N")
    assert window.session.second.current == "a2"
    for keys in ("Return", "Shift+Return", "Ctrl+Return", "1", "0", "Ctrl+C", "Ctrl+3", "Del", "R", "Shift+R", "K", "P",
                 "Left", "Ctrl+Z", "Ctrl+A"):  # fmt: skip
        press(window, keys)
    window.comparison.set_mode(ViewMode.OVERLAY)
    assert window.session.case.key == "one.png"
    assert window.session.document.undo_stack.count() == 0
    press(window, "Ctrl+Shift+C")
    assert former == (
        window.comparison.view_state, window.comparison.selection, window.session.case.current,
        window.findings.current, window.comparison.tool, window.session.document.annotation,
    )  # fmt: skip
    assert window.comparison.mode is ViewMode.SIDE_BY_SIDE
    assert dock.isVisible()
    assert window.comparison.view(Side.EXPERT).marks.caption == "Expert"
    assert window.comparison.view(Side.MODEL).marks.caption == "Model: first"
    assert BannerKind.TWO_MODELS not in window.banners.kinds
    assert file.read_bytes() == content
    press(window, "Return")
    assert window.session.document.undo_stack.count() == 1, "the review goes on"


def test_n_walks_to_the_next_film_on_which_they_differ_and_the_mode_stays(window):
    compare(window)
    window.worklist.model.sort(-1)
    press(window, "N")
    press(window, "N")
    wait_until(lambda: window.session.second.current == "B b5", PATIENCE, "the film on which they differ")
    assert window.session.case.key == "three.png"
    assert cells(window, 0)[PairColumn.KIND] == "only B"
    assert cells(window, 0)[PairColumn.EXPERT_B] == DASH
    assert "No expert" in "\n".join(one.text() for one in window.desk.pairs.findChildren(QLabel))


@pytest.mark.parametrize("two", [True, False])
def test_what_changes_on_the_film_left_keeps_n_from_no_finding(window, two):
    if two:
        compare(window)
    else:
        for key in ("two.png", "one.png"):  # What is known of a film is known once it was shown.
            show(window, key)
    window.worklist.model.sort(-1)
    # As heights do, measured a moment after the film was shown, when the next one is on its way.
    window.session.opening.connect(lambda _key: window.session.case.changed.emit())
    press(window, "N")
    press(window, "N")
    film, chosen = ("three.png", lambda: window.session.second.current == "B b5") if two else (
        "two.png", lambda: window.session.case.current == "a4")  # fmt: skip
    wait_until(chosen, PATIENCE, "the first finding of the next film")
    assert window.session.case.key == film


def test_the_next_film_and_an_end_by_the_banners_button(window):
    compare(window)
    show(window, "two.png")
    wait_until(lambda: window.session.second.ready, PATIENCE, "B on the next film")
    settle()
    assert cells(window, 0)[PairColumn.KIND] == "both"
    banner = window.banners.banner(BannerKind.TWO_MODELS)
    QTest.mouseClick(banner.findChild(QPushButton), Qt.MouseButton.LeftButton)
    settle()
    assert not window.session.second.on
    assert window.findings.isVisible()
    assert not window.desk.pairs.isVisible()


def test_one_file_of_weights_under_two_cards_is_compared_at_two_thresholds(window, cards, tmp_path):
    twin = cards["first"].with_name("twin.card.json")
    write_card(twin, replace(read_card(cards["first"]), name="twin", score_threshold=0.5))
    compare(window, "twin")
    assert kinds_on(window, Side.EXPERT) == {"L1": AGREES, "L3": AGREES}
    assert kinds_on(window, Side.MODEL)["T11"] is ONLY_B
    press(window, "O")
    assert len(window.comparison.scene(Side.EXPERT).shape_items) == 1 + 2 + 3


def test_another_model_in_use_becomes_a_and_b_itself_ends_it(window, cards, tmp_path):
    third = make_card(tmp_path / "runs", "third", 0.3)
    store = window.session.folder.store
    said = Prediction(read_card(third), (320, 240), (found("c1", "L1", 80, 0.35, 120),), 0.1)
    store.put_prediction(store.content_sha256(tmp_path / "films" / "one.png"), said)
    compare(window)
    window.desk.settings.replace(model_card=str(third))
    window.desk.take_model()
    wait_until(lambda: window.session.second.ready, PATIENCE, "the other A")
    settle()
    assert label(window, "Model A").startswith("A: third")
    assert window.session.second.thresholds == (0.3, 0.4)
    assert cells(window, 0)[PairColumn.SCORE_A] == "0.35"
    window.desk.settings.replace(model_card=str(cards["second"]))
    settle()
    assert not window.session.second.on


def test_a_blind_first_read_sees_nothing_of_either_model(window):
    compare(window)
    window.desk.settings.replace(blind_first_read=True)
    settle()
    wait_until(lambda: window.session.second.prediction is not None, PATIENCE, "B")
    assert window.session.case.hidden
    assert window.findings.isVisible()
    assert not window.desk.pairs.isVisible()
    assert window.session.second.shown == ((), ())
    assert [kinds_on(window, side) for side in Side] == [{"L1": None}, {}]
    assert window.screen_of.summary.text() == ""
    assert set(window.banners.kinds) == {BannerKind.BLIND_READ, BannerKind.TWO_MODELS}
    press(window, "N")
    assert "Commit your first read" in window.statusBar().currentMessage()
    press(window, "Ctrl+B")
    assert window.desk.pairs.isVisible()
    assert cells(window, 1)[PairColumn.LEVEL] == "L3/L4"
    # The other films wait for their own read: that the models differ there is not told by stopping there.
    press(window, "N")
    press(window, "N")
    wait_until(lambda: not window.session.second.searching, PATIENCE, "the end of the search")
    settle()
    assert window.session.case.key == "one.png"
    assert "no further film" in window.statusBar().currentMessage()
    press(window, "N")
    assert window.statusBar().currentMessage() == window.comparison.hint


def test_a_model_that_cannot_look_says_so_and_the_review_goes_on(window, cards):
    compare(window)
    cards["second"].unlink()
    show(window, "two.png")
    wait_until(lambda: window.errors.isVisible(), PATIENCE, "the error")
    assert "could not look" in "\n".join(one.text() for one in window.desk.pairs.findChildren(QLabel))
    press(window, "Ctrl+Shift+C")
    assert not window.session.second.on
    assert window.findings.isVisible()


def test_what_b_is_still_asked_is_cancelled_when_the_comparison_ends(tmp_path, films, cards):
    slow = make_card(tmp_path / "runs", "slow", 0.5)
    busy = set()
    model = ModelProcess([sys.executable, "-c", NEVER_ANSWERS])
    with opened_window(
        tmp_path, films / "one.png", predict_on_open=True, model=model, model_card=str(cards["first"]),
        runs_folder=str(slow.parent.parent),
    ) as window:  # fmt: skip
        window.desk.jobs.activity.connect(lambda lanes: (busy.clear(), busy.update(lanes)))
        wait_until(lambda: window.session.case.prediction is not None, PATIENCE, "A")
        press(window, "Ctrl+Shift+C")
        dialog = window.findChild(SecondModelDialog)
        offered = named(dialog, QListWidget, "Models")
        offered.setCurrentRow(next(at for at in range(offered.count()) if offered.item(at).text().startswith("slow")))
        QTest.keyClick(offered, Qt.Key.Key_Return)
        settle()
        assert window.session.second.predicting
        assert Lane.INFERENCE in busy
        assert kinds_on(window, Side.EXPERT) == {"L1": None, "L3": None}, "A is shown while B is on its way"
        assert "Waiting for B" in "\n".join(one.text() for one in window.desk.pairs.findChildren(QLabel))
        press(window, "Ctrl+Shift+C")
        wait_until(lambda: Lane.INFERENCE not in busy, PATIENCE, "the end of B's work")
        assert window.findings.isVisible()
