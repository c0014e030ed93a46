"""No Alt letter stands twice on one page of a dialog, in English or Korean: the second one could not be reached."""

from collections import Counter

import pytest
from controls import shown
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QGroupBox, QLabel, QTabWidget, QWidget
from qt import settle

from engine.domain.annotation import Annotation
from engine.resources import weights_dir
from engine.review.export_values import ExportReport
from vcfviewer.panels.dialogs.about_dialog import AboutDialog
from vcfviewer.panels.dialogs.closing_dialog import ClosingDialog
from vcfviewer.panels.dialogs.comment_dialog import CommentDialog
from vcfviewer.panels.dialogs.conflict_dialog import ConflictDialog
from vcfviewer.panels.dialogs.errors import ErrorBanner, ErrorText
from vcfviewer.panels.dialogs.export_dialog import ExportDialog, FilmChoice
from vcfviewer.panels.dialogs.hint import HintOverlay, HintStep
from vcfviewer.panels.dialogs.keys_editor import ActionKey
from vcfviewer.panels.dialogs.keys_sheet import KeyRow, KeysSheet
from vcfviewer.panels.dialogs.model_dialog import ModelDialog, find_cards
from vcfviewer.panels.dialogs.retrain_dialog import RetrainDialog
from vcfviewer.panels.dialogs.settings_dialog import SettingsDialog
from vcfviewer.settings import Settings
from vcfviewer.translation import install_translation

CARDS = find_cards([weights_dir()])[0]


def hint():
    window = QWidget()
    overlay = HintOverlay(window, [HintStep("a", "b"), HintStep("c", "d")])
    overlay._go(1)
    return window


def error():
    banner = ErrorBanner()
    banner.show_error(ErrorText("a", "b", "c"))
    return banner


def export_report(folder):
    dialog = ExportDialog({FilmChoice.ALL: 1}, str(folder), "a")
    dialog.show_report(ExportReport(folder, (), (), (), 2, 1))
    return dialog


MAKERS = {
    "about": lambda _: AboutDialog(CARDS[0].card, "x"),
    "closing": lambda _: ClosingDialog(["a"]),
    "comment": lambda _: CommentDialog("a"),
    "conflict": lambda _: ConflictDialog("a", *[Annotation("a", (9, 9))] * 3),
    "error": lambda _: error(),
    "export": lambda folder: ExportDialog(dict.fromkeys(FilmChoice, 1), str(folder), "a"),
    "export report": export_report,
    "hint": lambda _: hint(),
    "keys": lambda _: KeysSheet([KeyRow("a", "b", "C")]),
    "model": lambda _: ModelDialog(CARDS, None),
    "retrain": lambda folder: RetrainDialog(CARDS, CARDS[0].path, folder, str(folder)),
    "settings": lambda _: SettingsDialog(Settings(reader="a"), [ActionKey("a", "b", "c", "D")]),
}


def alt_letters(root):
    """Return the Alt letters that work on what is shown now."""
    widgets = [one for one in root.findChildren(QWidget) if one.isVisibleTo(root)]
    texts = [one.text() for one in widgets if isinstance(one, QAbstractButton)]
    texts += [one.text() for one in widgets if isinstance(one, QLabel) and one.buddy() is not None]
    texts += [one.title() for one in widgets if isinstance(one, QGroupBox)]
    texts += [one.tabText(at) for one in widgets if isinstance(one, QTabWidget) for at in range(one.count())]
    keys = (QKeySequence.mnemonic(text) for text in texts)
    return [key.toString() for key in keys if not key.isEmpty()]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", MAKERS)
def test_no_alt_letter_stands_twice_on_a_page(qt_app, tmp_path, name, language):
    install_translation(qt_app, language)
    try:
        root = shown(MAKERS[name](tmp_path))
        pages = root.findChildren(QTabWidget)
        found = 0
        for number in range(max((one.count() for one in pages), default=1)):
            for one in pages:
                one.setCurrentIndex(min(number, one.count() - 1))
            settle()
            letters = Counter(alt_letters(root))
            assert {letter: count for letter, count in letters.items() if count > 1} == {}
            found += len(letters)
        assert found or name == "comment"
        root.close()
    finally:
        install_translation(qt_app, "en")
