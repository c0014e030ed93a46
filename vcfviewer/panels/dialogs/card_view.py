"""A model card in words: what it is for, its figures with intervals, its known failures, research use only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from PySide6.QtWidgets import QTextBrowser, QWidget

from engine.domain.case import NOTICE, ModelCard
from vcfviewer.panels.words import DASH, family_title, model_name, notice_text
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

FIGURES = (
    (QT_TRANSLATE_NOOP("CardView", "Mask AP50, all levels"), ("ap", "mask AP50", "all")),
    (QT_TRANSLATE_NOOP("CardView", "Mask AP50:95, all levels"), ("ap", "mask AP50:95", "all")),
    (QT_TRANSLATE_NOOP("CardView", "Fractures found, level right"), ("fracture", "level must agree", "sensitivity")),
    (QT_TRANSLATE_NOOP("CardView", "Fractures found, any level"), ("fracture", "any level", "sensitivity")),
    (QT_TRANSLATE_NOOP("CardView", "Findings that are right"), ("fracture", "level must agree", "precision")),
    (QT_TRANSLATE_NOOP("CardView", "Sensitivity by film"), ("film", "sensitivity")),
    (QT_TRANSLATE_NOOP("CardView", "Specificity by film"), ("film", "specificity")),
    (QT_TRANSLATE_NOOP("CardView", "Area under the ROC curve, by film"), ("film", "auc")),
    (QT_TRANSLATE_NOOP("CardView", "IoU of pairs"), ("delineation", "IoU of pairs")),
)  # fmt: skip
"""The figures that are shown first, each with its place in the metrics of an evaluation."""


def metric(metrics: Mapping[str, Any], place: tuple[str, ...]) -> Mapping[str, Any] | None:
    """Return the figure (`value`, `low`, `high`, `n`) at a place of an evaluation's metrics, None where it isn't."""
    found: Any = metrics
    for key in place:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found if isinstance(found, Mapping) and isinstance(found.get("value"), int | float) else None


def figure_text(figure: Mapping[str, Any] | None) -> str:
    """Return `0.75 (0.71 to 0.80), n 384`: value, 95 % interval, number; a dash where there is no figure."""
    if figure is None:
        return DASH
    text = f"{figure['value']:.2f}"
    if isinstance(figure.get("low"), int | float) and isinstance(figure.get("high"), int | float):
        between = translate("CardView", "({low} to {high})")
        text += " " + between.format(low=f"{figure['low']:.2f}", high=f"{figure['high']:.2f}")
    return text + (f", n {figure['n']}" if "n" in figure else "")


def card_html(card: ModelCard) -> str:
    """Return the card as HTML; every text of the card is escaped."""
    parts = [_tag("h2", model_name(card)), _tag("p", notice_text(), bold=True)]
    if card.intended_use and card.intended_use != NOTICE:
        parts.append(_tag("p", translate("CardView", "Intended use: {text}").format(text=card.intended_use)))
    parts += [_facts(card), _figures(card.metrics), _tag("h3", translate("CardView", "Known failures"))]
    none = translate("CardView", "None are named in the card. That does not mean that there are none.")
    parts.append("<ul>" + "".join(_tag("li", text) for text in card.known_failures or (none,)) + "</ul>")
    if card.data:
        parts += [_tag("h3", translate("CardView", "What it learned from")), _nested(card.data)]
    return "".join(parts)


def _tag(tag: str, text: str, *, bold: bool = False) -> str:
    shown = f"<b>{escape(text)}</b>" if bold else escape(text)
    return f"<{tag}>{shown}</{tag}>"


def _facts(card: ModelCard) -> str:
    size = translate("CardView", "{short} by {long} pixels")
    rows = (
        (translate("CardView", "Family"), f"{family_title(card.model)} ({card.model})"),
        (translate("CardView", "Labels"), ", ".join(card.labels)),
        (translate("CardView", "Input"), size.format(short=min(card.input_size), long=max(card.input_size))),
        (translate("CardView", "Score threshold"), f"{card.score_threshold:.2f}"),
        (translate("CardView", "Made on"), card.created or DASH),
        (translate("CardView", "Weights, SHA-256"), card.sha256[:16] + "…" if card.sha256 else DASH),
    )
    return _table(rows)


def _figures(metrics: Mapping[str, Any]) -> str:
    head = _tag("h3", translate("CardView", "Figures, with 95 % intervals"))
    found = [(name, metric(metrics, place)) for name, place in FIGURES]
    rows = [(translate("CardView", name), figure_text(figure)) for name, figure in found if figure is not None]
    if not rows:
        unknown = translate("CardView", "This model was not evaluated: nobody knows how good it is.")
        return head + _tag("p", unknown)
    films, threshold = metrics.get("films", DASH), _number(metrics.get("score_threshold"))
    tested = translate("CardView", "Measured on {films} films, with a score threshold of {threshold}.")
    note = metrics.get("note")
    said = _tag("p", tested.format(films=films, threshold=threshold)) + (_tag("p", str(note)) if note else "")
    return head + _table(rows) + said


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(f"<tr><td>{escape(name)}&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>" for name, text in rows)
    return f"<table cellpadding='2'>{lines}</table>"


def _number(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else DASH


def _nested(value: object) -> str:
    if isinstance(value, Mapping):
        lines = "".join(f"<li>{escape(str(key).replace('_', ' '))}: {_nested(one)}</li>" for key, one in value.items())
        return f"<ul>{lines}</ul>"
    if isinstance(value, list | tuple):
        return "<ul>" + "".join(f"<li>{_nested(one)}</li>" for one in value) + "</ul>"
    return escape(str(value))


class CardView(QTextBrowser):
    """Shows one model card; links open nothing, for a card comes from a file."""

    def __init__(self, card: ModelCard | None = None, parent: QWidget | None = None) -> None:
        """Show a card, or nothing yet."""
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName(self.tr("Model card"))
        if card is not None:
            self.show_card(card)

    def show_card(self, card: ModelCard) -> None:
        """Show another card."""
        self.setHtml(card_html(card))
