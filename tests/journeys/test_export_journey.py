"""Review, then export: the JSON on the disk is right, and labelme's own reader opens it."""

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit
from qt import settle, wait_until

from vcfviewer.panels.dialogs.export_dialog import ExportDialog

JUDGE = """
import sys
from labelme._label_file import read_label_file
for path in sys.argv[1:]:
    read_label_file(path)
print("opened", len(sys.argv) - 1)
"""


def press(dialog, words):
    box = dialog.findChild(QDialogButtonBox)
    button = next(one for one in box.buttons() if words in one.text().replace("&", ""))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()


def test_reviewed_films_are_exported_and_labelme_opens_them(player, films, tmp_path):
    window = player.open(films)
    film = (films / player.go_to_a_disagreement(but="sample_10.dcm")).with_suffix(".json")
    player.press("N")
    player.press("Return")
    player.wait_saved(film, lambda record: "accepted" in json.dumps(record))
    player.press("R")
    player.go_to("sample_10")
    player.press("R")
    listed = window.session.folder
    wait_until(lambda: sum(film.summary is not None and film.summary.status.value == "reviewed"
                           for film in listed.films()) == 2, 20, "two reviewed films")  # fmt: skip
    player.press("Ctrl+Shift+E")
    wait_until(lambda: window.findChild(ExportDialog) is not None, 10, "the dialog")
    dialog = window.findChild(ExportDialog)
    target = tmp_path / "export"
    field = next(one for one in dialog.findChildren(QLineEdit) if "older" in one.accessibleName())
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, str(target))
    press(dialog, "Export")
    wait_until(lambda: (target / "manifest.json").exists(), 60, "the manifest")
    manifest = json.loads((target / "manifest.json").read_text())
    labels = sorted(target.rglob("sample_*.json"))
    assert [path.stem for path in labels] == sorted([film.stem, "sample_10"])
    record = json.loads(next(path for path in labels if path.stem == film.stem).read_text())
    accepted = json.loads(film.read_text())
    fractures = [one["label"] for one in record["shapes"] if "normal" not in one["label"]]
    assert fractures
    assert set(fractures) <= {one["label"] for one in accepted["shapes"]}
    assert "A. Reader" in json.dumps(manifest)
    if sys.version_info < (3, 12):
        environment = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM_PLUGIN_PATH"}
        command = [sys.executable, "-c", JUDGE, *(str(path) for path in labels)]
        judged = subprocess.run(
            command, capture_output=True, text=True, env={**environment, "QT_QPA_PLATFORM": "offscreen"}, check=False
        )
        assert judged.stdout.strip() == f"opened {len(labels)}", judged.stderr
    wait_until(lambda: dialog.isVisible(), 5)
    dialog.close()


@pytest.mark.parametrize("keys", ["?", "Ctrl+,", "Ctrl+Shift+M"])
def test_dialogs_open_and_close_by_keys(player, films, keys):
    window = player.open(films, predict_on_open=False, wait=False)
    player.wait_for_film(predicted=False)
    player.press(keys)
    dialogs = [one for one in window.children() if hasattr(one, "isModal") and one.isVisible() and one.isWindow()]
    assert len(dialogs) == 1
    QTest.keyClick(dialogs[0], Qt.Key.Key_Escape)
    wait_until(lambda: not dialogs[0].isVisible(), 10, "the dialog to close")
