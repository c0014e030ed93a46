"""What happens at one threshold: films, fractures, and the paper's mixed columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.domain.matching import LevelRule, Match, MatchKind, match_films
from engine.evaluation.records import FilmRecord
from engine.evaluation.statistics import Estimate, delong, wilson

FilmMatches = tuple[tuple[Match, ...], ...]
"""The matches of each film."""


@dataclass(frozen=True, slots=True)
class FilmFigures:
    """Film level: is there any fracture? Shares 0..1 with Wilson intervals; `auc` of the highest score (DeLong)."""

    sensitivity: Estimate
    specificity: Estimate
    accuracy: Estimate
    positive_predictive_value: Estimate
    negative_predictive_value: Estimate
    auc: Estimate


@dataclass(frozen=True, slots=True)
class FractureFigures:
    """Fracture level under one rule for levels; false positives are counted on fracture and on normal films apart."""

    sensitivity: Estimate
    precision: Estimate
    f1: float
    false_positives_a_fracture_film: float
    false_positives_a_normal_film: float


@dataclass(frozen=True, slots=True)
class PaperColumns:
    """Table 2 as the paper defines it: TP and FN are fractures, FP and TN normal films; accuracy mixes both units."""

    tp: int
    fp: int
    tn: int
    fn: int
    false_detections: int

    @property
    def sensitivity(self) -> float:
        """Return the share of fractures found."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float:
        """Return the share of normal films without a detection."""
        return _share(self.tn, self.tn + self.fp)

    @property
    def accuracy(self) -> float:
        """Return the paper's accuracy: fractures and films added together."""
        return _share(self.tp + self.tn, self.tp + self.fp + self.tn + self.fn)

    @property
    def precision(self) -> float:
        """Return TP of TP and FP."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def f1_table(self) -> float:
        """Return F1 with the table's FP: normal films with a detection."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def f1_detection(self) -> float:
        """Return F1 with every unmatched detection on the fracture films as FP."""
        return _share(2 * self.tp, 2 * self.tp + self.false_detections + self.fn)


def film_figures(records: Sequence[FilmRecord], threshold: float) -> FilmFigures:
    """Measure films: positive is one with any finding of at least `threshold`."""
    truth = [bool(record.truth) for record in records]
    said = [bool(record.found_above(threshold)) for record in records]
    both = sum(a and b for a, b in zip(truth, said, strict=True))
    neither = sum(not a and not b for a, b in zip(truth, said, strict=True))
    return FilmFigures(
        sensitivity=wilson(both, sum(truth)), specificity=wilson(neither, len(truth) - sum(truth)),
        accuracy=wilson(both + neither, len(truth)), positive_predictive_value=wilson(both, sum(said)),
        negative_predictive_value=wilson(neither, len(said) - sum(said)),
        auc=delong([record.top_score for record in records], truth),
    )  # fmt: skip


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """Return PPV and NPV at a stated prevalence 0..1 (Bayes): a test set's own share of fractures is no prevalence."""
    hit, false = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    miss, right = (1 - sensitivity) * prevalence, specificity * (1 - prevalence)
    return _share(hit, hit + false), _share(right, right + miss)


def matches_at(
    records: Sequence[FilmRecord], threshold: float, iou_threshold: float, rules: Sequence[LevelRule]
) -> Mapping[LevelRule, FilmMatches]:
    """Match every film's findings of at least `threshold`, under each rule."""
    return match_films(((one.truth, one.found_above(threshold)) for one in records), iou_threshold, rules)


def fracture_figures(records: Sequence[FilmRecord], matched: FilmMatches) -> FractureFigures:
    """Measure fractures, one to one, from the films' matches under one rule."""
    pairs = sum(one.annotated is not None and one.predicted is not None for film in matched for one in film)
    missed = sum(one.kind is MatchKind.MISSED for film in matched for one in film)
    extras = [sum(one.kind is MatchKind.EXTRA for one in film) for film in matched]
    sick = [bool(record.truth) for record in records]
    on_sick = sum(count for count, is_sick in zip(extras, sick, strict=True) if is_sick)
    on_normal = sum(extras) - on_sick
    return FractureFigures(
        wilson(pairs, pairs + missed), wilson(pairs, pairs + sum(extras)),
        _share(2 * pairs, 2 * pairs + sum(extras) + missed),
        _share(on_sick, sum(sick)), _share(on_normal, len(sick) - sum(sick)),
    )  # fmt: skip


def paper_columns(records: Sequence[FilmRecord], matched: FilmMatches) -> PaperColumns:
    """Count Table 2's columns from CLASS_AWARE matches: the classes of the paper are the levels."""
    tp = fn = fp = tn = false = 0
    for record, film in zip(records, matched, strict=True):
        if record.truth:
            tp += sum(one.annotated is not None and one.predicted is not None for one in film)
            fn += sum(one.kind is MatchKind.MISSED for one in film)
            false += sum(one.kind is MatchKind.EXTRA for one in film)
        elif film:
            fp += 1
        else:
            tn += 1
    return PaperColumns(tp, fp, tn, fn, false)


def sensitivity_by_grade(matched: FilmMatches) -> dict[str, Estimate]:
    """Return sensitivity by the Genant grade that stands in an annotated shape's `vcfviewer` key."""
    found: dict[str, list[bool]] = {}
    for film in matched:
        for one in film:
            grade = one.annotated.extra.get("vcfviewer", {}).get("grade") if one.annotated is not None else None
            if grade:
                found.setdefault(str(grade), []).append(one.predicted is not None)
    return {grade: wilson(sum(hits), len(hits)) for grade, hits in sorted(found.items())}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
