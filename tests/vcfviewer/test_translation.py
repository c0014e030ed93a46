"""Every text that a reader sees has a Korean translation, the compiled file is the present one, and it is shown."""

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QDialogButtonBox, QLabel

from engine.domain.labels import Level
from vcfviewer.actions import ACTIONS
from vcfviewer.panels.dialogs.comment_dialog import CommentDialog
from vcfviewer.panels.words import notice_text
from vcfviewer.translation import chosen_language, install_translation, translate, translations_dir

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "vcfviewer").rglob("*.py"))
TS, QM = translations_dir() / "vcfviewer_ko.ts", translations_dir() / "vcfviewer_ko.qm"
FIELD = re.compile(r"\{[^{}]*\}|%\d")
MNEMONIC = re.compile(r"&(\w)")
UPDATE = ("-locations", "none", "-no-obsolete", "-extensions", "py", "-silent")
RUN_LUPDATE = "from PySide6.scripts.pyside_tool import lupdate; lupdate()"


def messages(path):
    """Return (context, source) -> translation, None where it is unfinished."""
    found = {}
    for context in ET.parse(path).getroot().findall("context"):
        for message in context.findall("message"):
            translation = message.find("translation")
            done = translation.get("type") is None and translation.text
            found[(context.findtext("name") or "", message.findtext("source"))] = translation.text if done else None
    return found


@pytest.fixture(scope="module")
def korean():
    return messages(TS)


@pytest.fixture
def speaking_korean(qt_app):
    install_translation(qt_app, "ko")
    yield
    install_translation(qt_app, "en")


def test_the_file_holds_every_text_of_the_source_and_no_other(korean, tmp_path):
    copy = tmp_path / TS.name
    shutil.copy(TS, copy)
    command = [sys.executable, "-c", RUN_LUPDATE, *UPDATE, str(ROOT / "vcfviewer"), "-ts", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    fresh = messages(copy)
    assert len(fresh) > 600
    assert sorted(set(fresh) - set(korean)) == [], "run lupdate, see resources/translations/README.md"
    assert sorted(set(korean) - set(fresh)) == [], "run lupdate: these texts are no longer in the source"


def test_every_text_is_translated(korean):
    assert [place for place, text in korean.items() if text is None] == []


def test_the_compiled_file_is_the_present_one(korean):
    translator = QTranslator()
    assert translator.load(str(QM))
    assert [place for place, text in korean.items() if translator.translate(*place) != text] == [], (
        "run lrelease, see resources/translations/README.md"
    )


def test_fields_and_spaces_are_those_of_the_source(korean):
    wrong = []
    for (context, source), text in korean.items():
        same_fields = sorted(FIELD.findall(source)) == sorted(FIELD.findall(text or ""))
        same_end = source.endswith("…") == (text or "").endswith("…")
        if text and not (same_fields and same_end):
            wrong.append((context, source, text))
    assert wrong == []


def test_alt_letters_are_kept(korean):
    wrong = [
        (source, text)
        for (_, source), text in korean.items()
        if [one.upper() for one in MNEMONIC.findall(source)] != [one.upper() for one in MNEMONIC.findall(text or "")]
    ]
    assert wrong == []


def test_every_action_is_translated(korean):
    names = {level.value for level in Level}
    texts = {text for action in ACTIONS for text in (action.text, action.group, action.hint) if text} - names
    assert [text for text in sorted(texts) if ("actions", text) not in korean] == []


# What lupdate can't see


def name_of(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def wrappers():
    """Return the names of functions that hand their own argument to `translate`: they must not be given a text."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name == "translate":
                continue
            own = {argument.arg for argument in node.args.args}
            calls = [one for one in ast.walk(node) if isinstance(one, ast.Call) and name_of(one) == "translate"]
            if any(isinstance(one.args[-1], ast.Name) and one.args[-1].id in own for one in calls if one.args):
                found.add(node.name)
    return found


def hidden_texts(path, own_translators):
    """Yield texts that are translated in a way that lupdate can't follow."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name, plain = name_of(node), isinstance(node.func, ast.Name)
        text = node.args[0] if name == "tr" else node.args[-1]
        if name in ("tr", "translate", "QT_TRANSLATE_NOOP") and isinstance(text, ast.JoinedStr | ast.BinOp):
            yield f"{path.name}:{node.lineno} {name} of a text that is put together: use .format afterwards"
        if plain and (name in own_translators or name == "tr") and isinstance(node.args[0], ast.Constant):
            yield f"{path.name}:{node.lineno} {name}({ast.unparse(node.args[0])}): use translate or QT_TRANSLATE_NOOP"


def test_no_text_is_translated_in_a_way_that_lupdate_cannot_follow():
    own = wrappers()
    assert [line for path in SOURCES for line in hidden_texts(path, own)] == []


@pytest.mark.parametrize(
    "source", ['self.tr(f"{a} films")', 'translate("A", "b" + c)', 'say("Open")', 'tr("Open")', 'self.tr("%d" % n)']
)
def test_hidden_texts_are_seen(tmp_path, source):
    (tmp_path / "a.py").write_text(f"x = {source}\n", encoding="utf-8")
    assert len(list(hidden_texts(tmp_path / "a.py", {"say"}))) == 1


@pytest.mark.parametrize(
    "source", ['self.tr("Open")', "say(text)", 'translate("A", "b").format(n=1)', 'label.say("Open")']
)
def test_plain_texts_are_let_pass(tmp_path, source):
    (tmp_path / "a.py").write_text(f"x = {source}\n", encoding="utf-8")
    assert list(hidden_texts(tmp_path / "a.py", {"say"})) == []


# At run time


def test_a_dialog_is_shown_in_korean_and_qts_own_buttons_too(speaking_korean):
    dialog = CommentDialog("film.png")
    assert dialog.windowTitle() == translate("CommentDialog", "Flag and comment") == "표시와 메모"
    cancel = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Cancel)
    assert cancel.text().replace("&", "") == "취소"
    assert any("저장" in label.text() for label in dialog.findChildren(QLabel))
    assert notice_text() == "연구 전용이며 진단에 쓸 수 없습니다."


def test_english_comes_back(qt_app):
    assert install_translation(qt_app, "ko") == "ko"
    assert install_translation(qt_app, "en") == "en"
    assert translate("CommentDialog", "Flag and comment") == "Flag and comment"
    assert qt_app.findChildren(QTranslator) == [] or QCoreApplication.translate("CommentDialog", "Comment") == "Comment"


@pytest.mark.parametrize(("setting", "language"), [("en", "en"), ("ko", "ko"), ("ko_KR", "ko"), ("fr", "en")])
def test_a_language_is_chosen(setting, language):
    assert chosen_language(setting) == language


def test_the_system_decides_where_the_reader_does_not():
    wanted = [code.replace("_", "-").partition("-")[0] for code in QLocale.system().uiLanguages()]
    first = next((code for code in wanted if code in ("ko", "en")), "en")
    assert chosen_language("system") == first
