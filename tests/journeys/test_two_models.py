"""Is my retrained model better than the bundled one on this film? Both of them real, in a real window."""

from dataclasses import replace

import pytest
import torch
from PySide6.QtWidgets import QLabel
from qt import settle, wait_until
from widgets import named

from engine.domain.matching import MatchKind, film_iou, match_shapes
from engine.formats.labelme import read_labelme
from engine.store import FolderStore
from engine.weights import load_weights, read_card, save_weights
from vcfviewer.canvas.values import Side
from vcfviewer.panels.dialogs.model_dialog import SecondModelDialog
from vcfviewer.panels.pairs_model import PairColumn
from vcfviewer.panels.words import DASH
from vcfviewer.session.predicting import bundled_card

FIRST, THRESHOLD = "sample_03", 0.05


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A training's folder: the bundled weights a little astray, shown from a low score on."""
    folder = tmp_path_factory.mktemp("runs")
    card = read_card(bundled_card())
    state = load_weights(bundled_card(), card)
    torch.manual_seed(3)
    astray = {
        name: one + 0.03 * one.std() * torch.randn_like(one) if one.is_floating_point() and one.ndim == 4 else one
        for name, one in state.items()
    }
    made = replace(card, name="retrained", score_threshold=THRESHOLD, shards=(), sha256="")
    save_weights(folder / "training", made, astray)
    return folder


def said(films, stem, card):
    """What a model said of a film, as the folder's store has it."""
    store = FolderStore.open(films, "test")
    try:
        path = next(one for one in films.iterdir() if one.stem == stem and one.suffix != ".json")
        prediction = store.get_prediction(store.content_sha256(path), card)
        assert prediction is not None
        return prediction.above(card.score_threshold)
    finally:
        store.close()


def cells(window):
    model = window.desk.pairs.model
    return [[model.index(row, column).data() for column in PairColumn] for row in range(model.rowCount())]


@pytest.mark.slow
def test_a_retrained_model_is_held_against_the_bundled_one_film_by_film(player, films, runs):
    window = player.open(films, runs_folder=str(runs))
    player.go_to(FIRST)
    before = window.comparison.view_state, window.session.case.threshold, window.session.document.annotation
    player.press("Ctrl+Shift+C")
    dialog = window.findChild(SecondModelDialog)
    assert dialog is not None
    player.press("Return")
    second = window.session.second
    wait_until(lambda: second.ready, 120, "both models")
    settle()
    first_card, second_card = read_card(bundled_card()), read_card(runs / "training" / "retrained.card.json")
    assert [window.comparison.view(side).marks.caption for side in Side] == [f"A: {first_card.name}", "B: retrained"]

    # What the table says is what the two models said, by the matching of the language.
    one, two = said(films, FIRST, first_card), said(films, FIRST, second_card)
    matches = match_shapes(one, two)
    assert sorted(cell[PairColumn.IOU] for cell in cells(window) if cell[PairColumn.IOU] != DASH) == sorted(
        f"{match.iou:.2f}" for match in matches if match.annotated and match.predicted
    )
    both = sum(match.kind is MatchKind.AGREES for match in matches)
    whole = film_iou(one, two)
    assert f"film IoU {whole:.2f} · both {both} ·" in window.screen_of.summary.text()
    expert = read_labelme(films / f"{FIRST}.json").shapes
    found = sum(match.annotated is not None and match.predicted is not None for match in match_shapes(expert, two))
    drawn = sum(shape.is_fracture for shape in expert)
    assert f"{found} of {drawn} found" in named(window.desk.pairs, QLabel, "Model B").text()

    # The walk keeps the mode, and N stops where the two differ.
    player.press("D")
    wait_until(lambda: FIRST not in window.session.case.key and second.ready, 120, "both on the next film")
    for _ in range(20):
        player.press("N")
        wait_until(lambda: not second.searching and second.ready, 120, "the next difference")
        settle()
        if second.current:
            break
    row = second.row()
    assert row is not None
    assert row.differs
    stem = window.session.case.key.partition(".")[0]
    kinds = [match.kind for match in match_shapes(said(films, stem, first_card), said(films, stem, second_card))]
    assert row.kind in kinds
    assert not list(films.glob("*.tmp*"))

    # Back to the review: the same film, the model in use, its own threshold; what is accepted is A's.
    player.go_to(FIRST)
    player.press("Ctrl+Shift+C")
    assert not second.on
    assert (window.session.case.threshold, window.session.document.annotation) == before[1:]
    window.desk.choose(window.session.case.rows[0].key)
    player.press("Return")
    record = player.wait_saved(films / f"{FIRST}.json", lambda record: "accepted" in str(record))
    assert first_card.name in str(record)
    assert "retrained" not in str(record)
