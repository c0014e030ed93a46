"""The words for values that a reader sees, in one place and translatable: status, kind, reason, acuity, quality."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.domain.case import ModelCard, ReviewStatus
from engine.domain.decisions import Acuity, RejectReason, Verdict
from engine.domain.grading import DeformityType, GenantGrade, Grade
from engine.domain.labels import Status
from engine.domain.matching import MatchKind
from engine.domain.morphometry import Facing, LengthUnit, Quality
from vcfviewer.translation import QT_TRANSLATE_NOOP, translate

DASH = "\N{EN DASH}"
"""Stands where there is nothing: neither 0 nor 1."""

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"

_STATUS: Mapping[ReviewStatus, str] = MappingProxyType(
    {
        ReviewStatus.UNREAD: QT_TRANSLATE_NOOP("words", "unread"),
        ReviewStatus.IN_PROGRESS: QT_TRANSLATE_NOOP("words", "in progress"),
        ReviewStatus.REVIEWED: QT_TRANSLATE_NOOP("words", "reviewed"),
        ReviewStatus.NO_FRACTURE: QT_TRANSLATE_NOOP("words", "no fracture"),
        ReviewStatus.UNUSABLE: QT_TRANSLATE_NOOP("words", "unusable"),
    }
)
_KIND: Mapping[MatchKind, str] = MappingProxyType(
    {
        MatchKind.AGREES: QT_TRANSLATE_NOOP("words", "agrees"),
        MatchKind.LABEL_DIFFERS: QT_TRANSLATE_NOOP("words", "label differs"),
        MatchKind.MISSED: QT_TRANSLATE_NOOP("words", "missed"),
        MatchKind.EXTRA: QT_TRANSLATE_NOOP("words", "extra"),
    }
)
_REASON: Mapping[RejectReason, str] = MappingProxyType(
    {
        RejectReason.PARALLAX: QT_TRANSLATE_NOOP("words", "Parallax or scoliosis contour"),
        RejectReason.SCHMORL: QT_TRANSLATE_NOOP("words", "Schmorl's node"),
        RejectReason.DEGENERATIVE: QT_TRANSLATE_NOOP("words", "Degenerative or Scheuermann"),
        RejectReason.ARTEFACT: QT_TRANSLATE_NOOP("words", "Artefact or implant"),
        RejectReason.OTHER: QT_TRANSLATE_NOOP("words", "Other"),
    }
)
_ACUITY: Mapping[Acuity, str] = MappingProxyType(
    {
        Acuity.UNKNOWN: QT_TRANSLATE_NOOP("words", "unknown"),
        Acuity.FRESH: QT_TRANSLATE_NOOP("words", "fresh"),
        Acuity.OLD: QT_TRANSLATE_NOOP("words", "old"),
    }
)
_VERDICT: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.ACCEPTED: QT_TRANSLATE_NOOP("words", "accepted"),
        Verdict.EDITED: QT_TRANSLATE_NOOP("words", "accepted, edited"),
        Verdict.REJECTED: QT_TRANSLATE_NOOP("words", "rejected"),
        Verdict.CONFIRMED: QT_TRANSLATE_NOOP("words", "confirmed"),
    }
)
_GRADE: Mapping[GenantGrade, str] = MappingProxyType(
    {
        GenantGrade.NORMAL: QT_TRANSLATE_NOOP("words", "normal"),
        GenantGrade.MILD: QT_TRANSLATE_NOOP("words", "mild"),
        GenantGrade.MODERATE: QT_TRANSLATE_NOOP("words", "moderate"),
        GenantGrade.SEVERE: QT_TRANSLATE_NOOP("words", "severe"),
    }
)
_DEFORMITY: Mapping[DeformityType, str] = MappingProxyType(
    {
        DeformityType.WEDGE: QT_TRANSLATE_NOOP("words", "wedge"),
        DeformityType.BICONCAVE: QT_TRANSLATE_NOOP("words", "biconcave"),
        DeformityType.CRUSH: QT_TRANSLATE_NOOP("words", "crush"),
    }
)
_QUALITY: Mapping[Quality, str] = MappingProxyType(
    {
        Quality.COARSE: QT_TRANSLATE_NOOP("words", "The outline has fewer than 24 vertices; the grade is uncertain."),
        Quality.ROUGH: QT_TRANSLATE_NOOP("words", "The outline is rougher than 1.5 % of the depth."),
        Quality.GUESSED_CORNER: QT_TRANSLATE_NOOP("words", "Endplate and wall don't meet near a corner."),
        Quality.FAR_CORNER: QT_TRANSLATE_NOOP("words", "A corner lies far from the outline's bend."),
        Quality.OFF_CENTRE: QT_TRANSLATE_NOOP("words", "An endplate is deepest outside the middle."),
        Quality.REVERSED_WEDGE: QT_TRANSLATE_NOOP(
            "words", "Much lower behind than in front: check which way the patient faces."
        ),
        Quality.RAGGED: QT_TRANSLATE_NOOP("words", "The outline fills less than 60 % of its hull."),
    }
)
_VERTEBRA: Mapping[Status, str] = MappingProxyType(
    {
        Status.FRACTURED: QT_TRANSLATE_NOOP("words", "fractured"),
        Status.NORMAL: QT_TRANSLATE_NOOP("words", "normal"),
        Status.NOT_ASSESSABLE: QT_TRANSLATE_NOOP("words", "not assessable"),
    }
)
_FAMILY: Mapping[str, str] = MappingProxyType(
    {
        "mask_rcnn": "Mask R-CNN",
        "cascade_mask_rcnn": "Cascade Mask R-CNN",
        "yolact": "YOLACT",
        **{f"yolov5_seg_{size}": f"YOLOv5-seg {size}" for size in "nsmlx"},
    }
)
"""How the families' own titles begin. Not asked of the families: importing one brings torch into the window."""

_NOTICE = QT_TRANSLATE_NOOP("words", "Research use only, not for diagnosis.")
"""The text of `engine.domain.case.NOTICE`, where lupdate finds it."""


def _translated(text: str) -> str:
    return translate("words", text)


def notice_text() -> str:
    """Return what stands wherever a reader sees a prediction."""
    return _translated(_NOTICE)


def status_word(status: ReviewStatus) -> str:
    """Return where a film stands, in a word."""
    return _translated(_STATUS[status])


def kind_word(kind: MatchKind) -> str:
    """Return how the two sides stand to each other, in a word."""
    return _translated(_KIND[kind])


def reason_word(reason: RejectReason) -> str:
    """Return a reason to reject."""
    return _translated(_REASON[reason])


def acuity_word(acuity: Acuity) -> str:
    """Return an acuity."""
    return _translated(_ACUITY[acuity])


def verdict_word(verdict: Verdict) -> str:
    """Return what became of a finding."""
    return _translated(_VERDICT[verdict])


def grade_word(grade: GenantGrade) -> str:
    """Return a Genant grade with its name, such as `2 moderate`."""
    return f"{int(grade)} {_translated(_GRADE[grade])}"


def band_text(grade: Grade) -> str:
    """Return a suggested grade, with its neighbour where it is borderline: `2`, or `1–2`."""
    if grade.borderline is None:
        return str(int(grade.grade))
    low, high = sorted((int(grade.grade), int(grade.borderline)))
    return f"{low}{DASH}{high}"


def deformity_word(deformity: DeformityType) -> str:
    """Return a type of deformity."""
    return _translated(_DEFORMITY[deformity])


def quality_text(quality: Quality) -> str:
    """Return a reason to look twice at a measure, as a sentence."""
    return _translated(_QUALITY[quality])


def vertebra_word(status: Status) -> str:
    """Return what is said of a vertebra."""
    return _translated(_VERTEBRA[status])


def facing_word(facing: Facing) -> str:
    """Return the side a patient looks to."""
    return _translated(
        QT_TRANSLATE_NOOP("words", "faces left") if facing is Facing.LEFT else QT_TRANSLATE_NOOP("words", "faces right")
    )


def family_title(family: str) -> str:
    """Return what a network family is called; a family that nobody named here keeps its name."""
    return _FAMILY.get(family, family)


def model_name(card: ModelCard) -> str:
    """Return what a model is called: its card's name, else its family's."""
    return card.name or family_title(card.model)


def unit_text(unit: LengthUnit) -> str:
    """Return the sign of a unit of length."""
    return unit.value


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed count of decimals, a dash where there is none."""
    return DASH if value is None else f"{value:.{digits}f}".replace("-", MINUS)


def percent(share: float | None) -> str:
    """Return a share (0.25) as a whole percentage (`25 %`), a dash where there is none."""
    return DASH if share is None else f"{number(100 * share, 0)} %"
