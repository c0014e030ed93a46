"""Training from the dialog: the plan, runs as they lie on the disk, and the comparison of two models."""

import json
import platform
from dataclasses import replace
from pathlib import Path

import pytest
from controls import check_controls, shown
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QProgressBar, QTableWidget
from qt import settle, wait_until
from widgets import button, click, named, texts

from engine.domain.case import ModelCard
from engine.domain.labels import PAPER_CLASSES
from engine.weights import read_card, write_card
from vcfviewer.model_comparison import ROWS, ComparedFigure, Figure, ModelComparison
from vcfviewer.panels.dialogs.closing_dialog import CloseChoice, ClosingDialog
from vcfviewer.panels.dialogs.curves import CurvesView
from vcfviewer.panels.dialogs.model_dialog import CardEntry
from vcfviewer.panels.dialogs.retrain_compare import ComparePage, IntervalView, table_texts
from vcfviewer.panels.dialogs.retrain_dialog import RetrainDialog, data_of
from vcfviewer.panels.dialogs.retrain_form import RetrainForm
from vcfviewer.panels.dialogs.retrain_run import RunPage, time_left
from vcfviewer.panels.words import DASH

SMALL = {"depth": 18, "rois_per_image": 16, "proposals_train": 40, "proposals_test": 40}


def entry_of(folder, name):
    """A card with a shard that is named and never read here."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "w.safetensors").write_bytes(b"")
    path = folder / f"{name}.card.json"
    card = ModelCard(
        model="mask_rcnn", labels=PAPER_CLASSES, input_size=(64, 96), mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2),
        score_threshold=0.5, sha256="0" * 64, name=name, options=SMALL, shards=("w.safetensors",),
    )  # fmt: skip
    write_card(path, card)
    return CardEntry(path, read_card(path))


# The form


def form_of(tmp_path, data="", entries=None):
    entries = [entry_of(tmp_path / "a", "first"), entry_of(tmp_path / "b", "second")] if entries is None else entries
    current = entries[1].path if len(entries) > 1 else None
    return shown(RetrainForm(entries, current, tmp_path / "runs", data)), entries


def test_the_model_in_use_is_what_is_started_from(tmp_path):
    form, entries = form_of(tmp_path, str(tmp_path))
    plan = form.plan()
    assert plan.settings["init"] == str(entries[1].path)
    assert plan.settings["options"] == SMALL
    assert plan.settings["learning_rate"] == 1e-4
    assert plan.settings["epochs"] == 20
    assert plan.out.parent == tmp_path / "runs"
    assert plan.split is None
    assert not named(form, QComboBox, "Network family").isEnabled()
    assert named(form, QComboBox, "Network family").currentText() == "mask_rcnn"


def test_starting_from_nothing_takes_a_family_and_a_recipe(tmp_path):
    form, _ = form_of(tmp_path, str(tmp_path))
    for _ in range(3):
        QTest.keyClick(named(form, QComboBox, "Start from"), Qt.Key.Key_Down)
    for _ in range(2):
        QTest.keyClick(named(form, QComboBox, "Recipe"), Qt.Key.Key_Down)
    plan = form.plan()
    assert plan.settings == {"model": "mask_rcnn", "mode": "paper", "epochs": 12, "batch_size": 2}
    assert "Paik" in texts(form)


def test_a_weights_file_is_asked_for_and_named(tmp_path):
    form, _ = form_of(tmp_path, str(tmp_path))
    for _ in range(2):
        QTest.keyClick(named(form, QComboBox, "Start from"), Qt.Key.Key_Down)
    assert "Choose the weights file" in texts(form)
    assert not button(form, "Start training").isEnabled()
    (tmp_path / "resnet.safetensors").write_bytes(b"x")
    QTest.keyClicks(named(form, QLineEdit, "Weights file"), str(tmp_path / "resnet.safetensors"))
    assert form.plan().settings["init"] == str(tmp_path / "resnet.safetensors")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("Films to learn from", "", "Choose the films"),
        ("Films to learn from", "nowhere at all", "There is no folder"),
        ("Split into parts", "no such.json", "There is no file"),
        ("Name of the run", "a/b", "a folder's name"),
        ("Name of the run", "..", "a folder's name"),
    ],
)
def test_what_is_missing_is_said_and_nothing_starts(tmp_path, field, text, said):
    form, _ = form_of(tmp_path, str(tmp_path))
    told = []
    form.start_asked.connect(told.append)
    line = named(form, QLineEdit, field)
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)
    assert said in texts(form)
    assert not button(form, "Start training").isEnabled()
    with pytest.raises(ValueError, match=said):
        form.plan()
    assert told == []


def split_file(path, train=("a",), valid=("b",), test=("c",)):
    path.write_text(json.dumps({"train": list(train), "valid": list(valid), "test": list(test)}), encoding="utf-8")
    return path


def test_a_split_beside_the_films_is_taken_and_counted(tmp_path):
    split = split_file(tmp_path / "split.json", ("a", "b"), ("c",), ("d", "e", "f"))
    form, _ = form_of(tmp_path, str(tmp_path))
    assert form.plan().split == split
    assert form.plan().validate_every == 50
    assert "2 to learn from, 1 to measure on while training, 3 held out" in texts(form)
    split_file(split, valid=())
    assert form.plan().validate_every is None


def test_a_broken_split_is_named(tmp_path):
    (tmp_path / "split.json").write_text("[]", encoding="utf-8")
    form, _ = form_of(tmp_path, str(tmp_path))
    assert "split.json" in texts(form)
    assert not button(form, "Start training").isEnabled()


def test_an_export_keeps_its_hold_out_for_comparing(tmp_path):
    export = tmp_path / "export"
    (export / "holdout").mkdir(parents=True)
    manifest = {"format": "vcfviewer export", "items": []}
    (export / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    form, _ = form_of(tmp_path, str(export))
    assert "held out are left for comparing" in texts(form)
    assert data_of(["python", "train", str(export), "--out", "x"]) == (export / "holdout", None)


def test_films_left_for_comparing_are_found_in_a_command(tmp_path):
    split = split_file(tmp_path / "s.json")
    assert data_of(["-m", "engine", "train", "films", "--split", str(split)]) == (Path("films"), split)
    split_file(split, test=())
    assert data_of(["-m", "engine", "train", "films", "--split", str(split)]) == (None, None)
    assert data_of([]) == (None, None)


# A run as it lies on the disk


def write_run(folder, steps=40, total=100, done=False):
    folder.mkdir(parents=True)
    started = f"2026-01-0{len(folder.name)}T10:00:00"
    record = {"pid": 1, "mark": "of nobody", "host": platform.node(), "started": started, "command": ["train", "films"]}
    (folder / "training.json").write_text(json.dumps(record), encoding="utf-8")
    lines = [{"event": "step", "step": at, "steps": total, "loss": 5.0 / at, "losses": {"mask": 5.0 / at},
              "learning_rate": 1e-4, "eta_seconds": 90} for at in range(1, steps + 1)]  # fmt: skip
    lines.insert(20, {"event": "validation", "step": 20, "films": 3, "fractures": 2, "mask_ap50": 0.4, "by_level": {}})
    if done:
        lines.append({"event": "done", "card": str(folder / "a.card.json")})
    (folder / "training.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def test_a_run_that_was_cut_off_is_found_and_its_curves_are_drawn(tmp_path):
    write_run(tmp_path / "old")
    page = shown(RunPage(tmp_path))
    wait_until(lambda: "40" in page.findChildren(CurvesView)[0].accessibleDescription(), what="the curves")
    assert "old: failed" in texts(page)
    assert "resume it" in texts(page)
    loss, precision = page.findChildren(CurvesView)
    assert loss.accessibleDescription() == "loss 0.125 (40)"
    assert precision.accessibleDescription() == "AP50 0.4 (20)"
    assert page.findChild(QProgressBar).value() == 40
    assert button(page, "Resume").isEnabled()
    assert not button(page, "Stop").isEnabled()
    page.hide()


def test_a_finished_run_offers_its_card_once(tmp_path):
    write_run(tmp_path / "done", done=True)
    page = RunPage(tmp_path)
    told = []
    page.finished.connect(told.append)
    shown(page)
    wait_until(lambda: told, what="the card")
    page._look()
    assert told == [str(tmp_path / "done" / "a.card.json")]
    page.hide()


def test_a_long_log_is_read_without_a_stall(tmp_path):
    write_run(tmp_path / "long", steps=60_000, total=60_000)
    page = RunPage(tmp_path)
    page.find_runs()
    assert len(page._curves.losses) < 60_000
    shown(page)
    wait_until(lambda: len(page._curves.losses) == 60_000, 60, "all steps")
    page.hide()


def test_another_run_is_chosen_by_keyboard(tmp_path):
    write_run(tmp_path / "aa", steps=10)
    write_run(tmp_path / "b", steps=30)
    page = shown(RunPage(tmp_path))
    assert page.run.folder.name == "aa", "the newest first"
    QTest.keyClick(named(page, QComboBox, "Trainings"), Qt.Key.Key_Down)
    settle()
    assert page.run.folder.name == "b"
    assert "Step 30 of 100" in texts(page)
    page.hide()


def test_a_broken_record_is_named_and_the_others_are_listed(tmp_path):
    write_run(tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "training.json").write_text("{", encoding="utf-8")
    page = shown(RunPage(tmp_path))
    assert named(page, QComboBox, "Trainings").count() == 1
    page.hide()


def test_an_empty_folder_says_that_there_is_no_training(tmp_path):
    page = shown(RunPage(tmp_path / "none"))
    assert "No training yet" in texts(page)
    page.hide()


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (600, "10 min"), (7500, "2 h 05 min"), (-1, "0 s")])
def test_times_that_are_left(seconds, text):
    assert time_left(seconds).startswith(text)


# Old against new


def figures():
    apart = {"mask AP50": (0.3, 0.9), "sensitivity, films": (0.9, 0.3)}
    rows = []
    for name, _ in ROWS:
        old, new = apart.get(name, (0.6, 0.62))
        rows.append(
            ComparedFigure(name, Figure(old, old - 0.05, old + 0.05, 40), Figure(new, new - 0.05, new + 0.05, 40))
        )
    nothing = Figure(None, None, None, 0)
    rows[-1] = replace(rows[-1], new=nothing)
    return ModelComparison(tuple(rows), 40, 33, 0.69, 0.5, "Simulated films.", Path("old.html"), Path("new.html"))


def test_a_comparison_is_asked_for_with_two_models_and_films(tmp_path):
    entries = [entry_of(tmp_path / "a", "first"), entry_of(tmp_path / "b", "second")]
    page = shown(ComparePage(entries, entries[0].path))
    asked = []
    page.compare_asked.connect(asked.append)
    assert not button(page, "Compare").isEnabled()
    QTest.keyClick(named(page, QComboBox, "New model"), Qt.Key.Key_Down)
    split = split_file(tmp_path / "split.json")
    QTest.keyClicks(named(page, QLineEdit, "Films to compare on"), str(tmp_path))
    click(page, "Compare")
    assert [(one.old, one.new) for one in asked] == [(entries[0].path.resolve(), entries[1].path.resolve())]
    assert (asked[0].data, asked[0].split, asked[0].specificity) == (tmp_path, split, 0.93)
    page.show_progress(3, 80, "film3.png")
    assert named(page, QProgressBar, "Progress of the comparison").value() == 3
    cancelled = []
    page.cancel_asked.connect(lambda: cancelled.append(True))
    click(page, "Cancel")
    assert cancelled == [True]
    assert button(page, "Compare").isVisible()
    page.show_failure("The films are gone.")
    assert "The films are gone." in texts(page)
    assert button(page, "Compare").isEnabled()


def test_figures_stand_side_by_side_with_intervals_and_a_verdict(tmp_path):
    entries = [entry_of(tmp_path / "a", "first"), entry_of(tmp_path / "b", "second")]
    page = shown(ComparePage(entries, entries[0].path))
    page.set_cards(entries, entries[0].path, entries[1].path)
    page.show_comparison(figures())
    table = page.findChild(QTableWidget)
    rows = {row[0]: row for row in table_texts(table)}
    assert rows["mask AP50"][1:3] == ["0.30 (0.25 to 0.35), n 40", "0.90 (0.85 to 0.95), n 40"]
    assert rows["mask AP50"][4] == "new is better"
    assert rows["sensitivity, films"][4] == "new is worse"
    assert rows["specificity, films"][4] == "no clear difference"
    assert rows[ROWS[-1][0]][2] == DASH
    assert "40 films, 33 fractures" in texts(page)
    assert "Simulated films." in texts(page)
    assert table.cellWidget(0, 3).accessibleName().startswith("old 0.30")
    used = []
    page.use_asked.connect(used.append)
    click(page, "Use the new model")
    assert used == [str(entries[1].path.resolve())]


def test_intervals_are_drawn_where_their_values_are():
    view = IntervalView(ComparedFigure("a", Figure(0.1, 0.05, 0.2, 9), Figure(0.9, 0.8, 0.95, 9)))
    view.resize(216, 40)
    image = view.grab().toImage()
    left, right = image.copy(0, 0, 70, 40), image.copy(146, 0, 70, 40)
    assert left.pixelColor(8 + 20, 12) != right.pixelColor(8 + 20, 12)
    assert image.pixelColor(8 + 20, 12).red() > 200
    assert image.pixelColor(8 + 180, 28).blue() > 200


# Closing


@pytest.mark.parametrize(
    ("way", "choice"),
    [
        ("Let it go on", CloseChoice.GO_ON),
        ("Stop it", CloseChoice.STOP),
        ("Don't close", CloseChoice.STAY),
        ("", CloseChoice.STAY),
    ],
)
def test_closing_while_a_training_runs(way, choice):
    dialog = shown(ClosingDialog(["2026-01-01"]))
    told = []
    dialog.chosen.connect(told.append)
    if way:
        click(dialog, way)
    else:
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert told == [choice]
    assert not dialog.isVisible()
    assert "2026-01-01" in " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_every_control_has_a_name_and_a_stop_of_the_tab_key(tmp_path):
    write_run(tmp_path / "runs" / "old")
    entries = [entry_of(tmp_path / "a", "first"), entry_of(tmp_path / "b", "second")]
    dialog: QDialog = RetrainDialog(entries, entries[0].path, tmp_path / "runs", str(tmp_path))
    assert check_controls(dialog) >= 20
    dialog.close()
    assert check_controls(ClosingDialog(["a"])) == 3
