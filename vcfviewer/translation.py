"""Korean and English: which language is shown, and the texts in tables that are translated where they are shown.

Decision: `resources/translations/vcfviewer_ko.ts` is the source, and the compiled `.qm` beside it is kept in git too.
Rejected: compiling at installation, for an editable install runs no build step. Consequence: who changes a text runs
the two commands of `resources/translations/README.md`, and a test fails until they did.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator

from engine.resources import resources_dir

TRANSLATED = ("ko",)
"""Languages with a translation; English stands in the source."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark a text of a table for translation under `context`, and return it as it is.

    PySide6's own function of this name is typed to return an object; lupdate goes by the name alone.
    """
    return text


def translate(context: str, text: str) -> str:
    """Return the translation of a text that isn't a widget's own; lupdate finds it by this function's name."""
    return QCoreApplication.translate(context, text)


class Texts(QObject):
    """The texts that stay on a widget: each is said at once, and once more whenever the language changes.

    Decision: the widget hands over how it says a text. Rejected: a method that says all texts once more, which leaves
    out what was added elsewhere; windows that are built anew, which lose what the reader had under way in them.
    """

    def __init__(self, widget: QObject) -> None:
        """Say texts for `widget`, as long as it lives."""
        super().__init__(widget)
        self._said: list[Callable[[], object]] = []
        widget.installEventFilter(self)

    def __call__(self, say: Callable[[], object]) -> None:
        """Say a text now, and after each change of language."""
        say()
        self._said.append(say)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the change of language before the widget does."""
        if event.type() is QEvent.Type.LanguageChange:
            for say in self._said:
                say()
        return False


def translations_dir() -> Path:
    """Return the folder of `.ts` and `.qm` files."""
    return resources_dir() / "translations"


def chosen_language(setting: str) -> str:
    """Return the language that a setting (`system`, or a language's code) means here: `ko`, or `en` for all others."""
    codes = [setting] if setting != "system" else list(QLocale.system().uiLanguages())
    for code in codes:
        language = code.replace("_", "-").partition("-")[0]
        if language == "en" or language in TRANSLATED:
            return language
    return "en"


def install_translation(app: QCoreApplication, setting: str) -> str:
    """Give the application the language of `Settings.language`, and return that language's code.

    Widgets that are there say their texts again, through `Texts`. Raises FileNotFoundError that names a missing file.
    """
    language = chosen_language(setting)
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    if language not in TRANSLATED:
        return language
    ours = translations_dir() / f"vcfviewer_{language}.qm"
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / f"qtbase_{language}.qm"
    # Qt's own texts (OK, Cancel, the file dialog) may be left out of a small bundle; ours may not.
    for path in (qt, ours) if qt.is_file() else (ours,):
        translator = QTranslator(app)
        if not translator.load(str(path)):
            translator.deleteLater()
            raise FileNotFoundError(f"translation {path} is missing or can't be read. Reinstall vcfviewer.")
        app.installTranslator(translator)
    return language
