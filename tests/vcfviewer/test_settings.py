"""Settings: every field goes to disk and back; what can't be read is named; the window comes back where it was."""

from dataclasses import fields

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow

from vcfviewer.settings import Settings, SettingsStore, Theme, login_name

CHANGED = {
    "reader": "Dr. 김",
    "iou_threshold": 0.65,
    "theme": Theme.LIGHT,
    "language": "ko",
    "keys": {"accept": "Space", "next/film": "", "zoom in": "Ctrl++; Ctrl+="},
    "blind_first_read": True,
    "predict_on_open": False,
    "assumed_facing": "right",
    "model_card": "C:/models/a, b.card.json",
    "runs_folder": "runs; and more",
    "export_folder": "/an export",
    "annotations_folder": "labels",
    "label_table": "/labels.json",
    "last_folder": "films\\März",
    "hint_seen": True,
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "settings.ini"


def store_of(file):
    return SettingsStore(QSettings(str(file), QSettings.Format.IniFormat))


def test_every_field_comes_back(file):
    assert set(CHANGED) == {one.name for one in fields(Settings)}
    store_of(file).replace(**CHANGED)
    again = store_of(file)
    assert again.problems == ()
    assert again.current == Settings(**CHANGED)


@pytest.mark.parametrize("name", list(CHANGED))
def test_each_field_alone_comes_back(file, name):
    store_of(file).replace(**{name: CHANGED[name]})
    assert getattr(store_of(file).current, name) == CHANGED[name]


def test_a_key_that_was_reset_is_forgotten(file):
    store = store_of(file)
    store.replace(keys={"accept": "Space"})
    store.replace(keys={})
    assert dict(store_of(file).current.keys) == {}


def test_the_reader_is_who_is_logged_in_at_first(file):
    assert store_of(file).current.reader == login_name() != ""


def test_a_change_is_told_once_and_no_change_not_at_all(file):
    store = store_of(file)
    told = []
    store.changed.connect(told.append)
    after = store.replace(iou_threshold=0.7)
    store.replace(iou_threshold=0.7)
    assert told == [after]
    assert after.iou_threshold == 0.7


@pytest.mark.parametrize(
    "values",
    [{"iou_threshold": 1.5}, {"iou_threshold": float("nan")}, {"language": "fr"}, {"assumed_facing": "down"}],
)
def test_a_value_that_makes_no_sense_is_refused_and_nothing_changes(file, values):
    store = store_of(file)
    before = store.current
    with pytest.raises(ValueError, match=r"threshold|language|facing"):
        store.replace(**values)
    assert store.current == before


def test_stored_nonsense_is_named_and_has_its_default(file):
    file.write_text(
        "[settings]\nreader=Kim\niou_threshold=much\ntheme=pink\nblind_first_read=perhaps\nlanguage=fr\n",
        encoding="utf-8",
    )
    store = store_of(file)
    assert set(store.problems) == {"iou_threshold", "theme", "blind_first_read", "language"}
    assert store.current == Settings(reader="Kim")


def test_settings_that_cannot_be_written_are_told_and_hold(tmp_path):
    blocked = tmp_path / "no folder"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    store = SettingsStore(QSettings(str(blocked / "settings.ini"), QSettings.Format.IniFormat))
    told = []
    store.failed.connect(told.append)
    store.replace(reader="Kim")
    assert store.current.reader == "Kim"
    assert len(told) == 1
    assert "settings.ini" in told[0]
    assert "disk has room" in told[0]


def test_keys_cannot_be_changed_behind_the_settings_back():
    keys = {"accept": "A"}
    settings = Settings(keys=keys)
    keys["accept"] = "B"
    assert settings.keys["accept"] == "A"
    with pytest.raises(TypeError):
        settings.keys["accept"] = "C"


def window_with_dock():
    window = QMainWindow()
    window.setObjectName("main")
    window.setCentralWidget(QLabel("films"))
    dock = QDockWidget("worklist", window)
    dock.setObjectName("worklist")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return window, dock


def test_the_window_comes_back_as_it_was(file):
    window, dock = window_with_dock()
    store = store_of(file)
    assert not store.restore_window(window)
    window.resize(700, 500)
    window.show()
    dock.hide()
    store.save_window(window)
    window.close()

    again, dock = window_with_dock()
    assert store_of(file).restore_window(again)
    assert (again.width(), again.height()) == (700, 500)
    assert dock.isHidden()


def test_a_broken_window_state_is_no_state(file):
    file.write_text("[window]\ngeometry=@ByteArray(abc)\nstate=@ByteArray(def)\n", encoding="utf-8")
    window, _ = window_with_dock()
    assert not store_of(file).restore_window(window)
