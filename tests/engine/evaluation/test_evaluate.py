import json
import math
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
import shapely

from engine.domain.annotation import Shape
from engine.domain.labels import PAPER_CLASSES
from engine.domain.matching import LevelRule, Match, MatchKind
from engine.domain.polygon import Polygon
from engine.errors import DataError
from engine.evaluation import evaluate
from engine.evaluation.delineation import measure_pair
from engine.evaluation.films import fracture_figures, matches_at
from engine.evaluation.records import FilmRecord
from engine.evaluation.report import NOTICE, write_report

SIZE = (700, 300)
NOTE = "Simulated films: for verifying software, never clinical performance."
AWARE, NEXT, ANY = "level must agree", "level may differ by one", "any level"
PLACES = MappingProxyType({name: 60.0 + 100 * at for at, name in enumerate(("T11", "T12", "L1", "L2", "L3", "L4"))})


def body(place, stretch=1.0, x=150.0, per_side=10):
    """A wedge 80 px deep with 48 px of anterior and 60 px of posterior height at the `place` of a level."""
    corners = np.array([[-40, -24 * stretch], [40, -30 * stretch], [40, 30 * stretch], [-40, 24 * stretch]])
    along = np.arange(per_side)[:, None] / per_side
    ring = np.vstack([a + along * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])
    return Polygon(ring + np.array([x, PLACES[place]]))


def truth(place, grade=None, label=None):
    extra = MappingProxyType({"vcfviewer": {"grade": grade}}) if grade is not None else MappingProxyType({})
    return Shape(f"truth {place}", label or place, body(place), extra=extra)


def guess(place, score, label=None):
    return Shape(f"guess {place} {score}", label or place, body(place), score=score)


def film(name, patient, annotated=(), predicted=()):
    return FilmRecord(name, patient, SIZE, tuple(annotated), tuple(predicted))


def six_films():
    """Three films with five fractures and three normal ones; at 0.5 four fractures are found, two of them misnamed."""
    return [
        film("a", "anna", [truth("T12", 3), truth("L1", 1)], [guess("T12", 0.9), guess("L1", 0.8, "L2")]),
        film("b", "anna", [truth("L3", 2)], [guess("L3", 0.3)]),
        film("c", "carl", [truth("L4", 1), truth("L2")],
             [guess("L4", 0.7), guess("L2", 0.65, "T12"), guess("T11", 0.6)]),
        film("d", "dora"),
        film("e", None, [], [guess("L4", 0.75)]),
        film("f", None, [], [guess("L1", 0.2)]),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def result():
    return evaluate(six_films(), score_threshold=0.5, bootstrap_replicates=200, note=NOTE)


def test_film_level_figures_are_those_by_hand(result):
    film_level = result.film
    assert (result.films, result.fractures) == (6, 5)
    for one in (film_level.sensitivity, film_level.specificity):
        assert (one.value, one.n) == (pytest.approx(2 / 3), 3)
    assert (film_level.accuracy.value, film_level.accuracy.n) == (pytest.approx(4 / 6), 6)
    assert (film_level.positive_predictive_value.value, film_level.positive_predictive_value.n) == (2 / 3, 3)
    assert (film_level.negative_predictive_value.value, film_level.negative_predictive_value.n) == (2 / 3, 3)
    # 0.9 beats 0, 0.75 and 0.2; 0.3 beats two of them, and so does 0.7.
    assert film_level.auc.value == pytest.approx(7 / 9)


@pytest.mark.parametrize(
    ("rule", "found", "said", "f1", "on_fracture_films"),
    [(AWARE, 2, 6, 4 / 11, 3 / 3), (NEXT, 3, 6, 6 / 11, 2 / 3), (ANY, 4, 6, 8 / 11, 1 / 3)],
)
def test_fracture_level_depends_on_the_rule_for_levels(result, rule, found, said, f1, on_fracture_films):
    one = result.fracture[rule]
    assert (one.sensitivity.value, one.sensitivity.n) == (pytest.approx(found / 5), 5)
    assert (one.precision.value, one.precision.n) == (pytest.approx(found / said), said)
    assert one.f1 == pytest.approx(f1)
    assert one.false_positives_a_fracture_film == pytest.approx(on_fracture_films)
    assert one.false_positives_a_normal_film == pytest.approx(1 / 3)


def test_paper_columns_count_fractures_and_films_as_table_2_does(result):
    paper = result.paper
    assert (paper.tp, paper.fn, paper.fp, paper.tn, paper.false_detections) == (2, 3, 1, 2, 3)
    assert paper.sensitivity == pytest.approx(2 / 5)
    assert paper.specificity == pytest.approx(2 / 3)
    assert paper.accuracy == pytest.approx(4 / 8)
    assert paper.f1_table == pytest.approx(4 / 8)
    assert paper.f1_detection == pytest.approx(4 / 10)


def test_several_detections_on_a_normal_film_are_one_false_positive_of_the_paper():
    swarm = film("e", None, [], [guess("L4", 0.9), guess("L1", 0.8), guess("T12", 0.7)])
    found = evaluate([*six_films()[:4], swarm], score_threshold=0.5, bootstrap_replicates=5)
    assert (found.paper.fp, found.paper.tn) == (1, 1)
    assert found.fracture[ANY].false_positives_a_normal_film == 1.5


def test_confusion_has_a_row_for_false_and_a_column_for_missed_findings(result):
    expected = np.zeros((7, 7), int)
    for row, column in ((1, 1), (2, 3), (5, 5), (3, 1), (4, 6), (6, 0), (6, 5)):
        expected[row, column] += 1
    assert np.array_equal(result.confusion, expected)
    assert result.confusion[:6].sum() == result.fractures


def test_levels_are_named_as_far_off_as_they_are(result):
    assert result.shifts == {-2: 1, 0: 2, 1: 1}
    rightly, by_one = result.naming.values()
    assert (rightly.value, rightly.n) == (0.5, 4)
    assert (by_one.value, by_one.n) == (0.75, 4)


def test_sensitivity_by_grade_and_by_level_ignore_the_name_given(result):
    assert {grade: (one.value, one.n) for grade, one in result.by_grade.items()} == {
        "1": (1, 2), "2": (0, 1), "3": (1, 1),
    }  # fmt: skip
    shares = {name: (one.value, one.n) for name, one in result.by_level.items() if one.n}
    assert shares == {"T12": (1, 1), "L1": (1, 1), "L2": (1, 1), "L3": (0, 1), "L4": (1, 1), "all": (0.8, 5)}
    assert result.by_level["T11"].n == 0


def test_ap_with_and_without_normal_films(result):
    everywhere = {name: result.ap["mask AP50"][name].value for name in ("L1", "L2", "L3", "L4", "T12", "all")}
    assert everywhere == pytest.approx({"L1": 0, "L2": 0, "L3": 1, "L4": 0.5, "T12": 1, "all": 0.5})
    sick = result.ap["mask AP50, fracture films"]
    assert (sick["L4"].value, sick["all"].value, sick["all"].n) == (1, pytest.approx(0.6), 5)
    assert math.isnan(result.ap["mask AP50"]["T11"].value)
    for name in ("mask AP50:95", "box AP50"):
        assert result.ap[name]["all"].value == pytest.approx(0.5)
    mean = result.ap["mask AP50"]["all"]
    assert mean.low <= mean.value <= mean.high


def test_froc_and_calibration_are_those_by_hand(result):
    assert result.froc == pytest.approx({0.125: 0.4, 0.25: 0.8, 0.5: 1.0, 1.0: 1.0, 2.0: 1.0, 4.0: 1.0})
    assert result.detection_calibration.n == 6
    squares = (0.1**2, 0.2**2, 0.75**2, 0.3**2, 0.35**2, 0.6**2)
    assert result.detection_calibration.brier == pytest.approx(sum(squares) / 6)
    films = ((0.9, 1), (0.3, 1), (0.7, 1), (0.0, 0), (0.75, 0), (0.2, 0))
    assert result.film_calibration.brier == pytest.approx(sum((score - true) ** 2 for score, true in films) / 6)


def test_identical_outlines_are_delineated_perfectly(result):
    iou, dice, distance, surface, heights = (one.value for one in result.delineation.values())
    assert (iou, dice, surface) == (pytest.approx(1), pytest.approx(1), 1)
    assert (distance, heights) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert {one.n for one in result.delineation.values()} == {4}


def pair_with(polygon, label="L1"):
    annotated = truth("L1")
    return Match(annotated, Shape("p", label, polygon, score=0.9), 0.5, MatchKind.LABEL_DIFFERS)


def test_outlines_apart_are_measured_in_pixels_and_shares():
    aside = measure_pair(pair_with(body("L1", x=154.0), "L3"), SIZE[0])
    assert aside.hd95 == pytest.approx(4, abs=0.05)
    assert aside.surface_dice == 1
    assert aside.shift == 2
    assert aside.dice == pytest.approx(2 / 3)
    assert measure_pair(pair_with(body("L1", x=154.0)), 300).surface_dice < 0.75
    taller = measure_pair(pair_with(body("L1", stretch=1.1)), SIZE[0])
    assert taller.height_error == pytest.approx(0.1, abs=1e-6)
    coarse = measure_pair(pair_with(Polygon(body("L1").points[::10])), SIZE[0])
    assert math.isnan(coarse.height_error)
    assert coarse.hd95 == pytest.approx(0, abs=1e-9)


def test_the_distance_is_the_worse_of_both_directions():
    horned = body("L1").geometry.union(shapely.box(148, PLACES["L1"] - 60, 152, PLACES["L1"])).exterior.coords[:-1]
    plain, pointed = (Shape("s", "L1", Polygon(points), score=None) for points in (body("L1").points, horned))
    there, back = (
        measure_pair(Match(*sides, 0.9, MatchKind.AGREES), SIZE[0]) for sides in ((plain, pointed), (pointed, plain))
    )
    assert there.hd95 == pytest.approx(back.hd95)
    assert there.hd95 > 20


def test_a_finding_without_partner_has_no_delineation():
    with pytest.raises(ValueError, match="missed"):
        measure_pair(Match(truth("L1"), None, 0.0, MatchKind.MISSED), SIZE[0])


def test_normal_and_not_assessable_vertebrae_never_count(result):
    def crowded(one):
        normals = [truth(place, label=f"{place} normal") for place in ("T11", "L2")]
        hidden = [truth("L4", grade=3, label="L4 not assessable"), truth("T12", label="marker")]
        said = [guess("L1", 0.95, "L1 normal"), guess("L2", 0.99, "L2 not assessable"), guess("T11", 0.97, "T9 normal")]
        return replace(one, annotated=(*one.annotated, *normals, *hidden), predicted=(*said, *one.predicted))

    found = evaluate([crowded(one) for one in six_films()], score_threshold=0.5, bootstrap_replicates=200, note=NOTE)
    assert found.to_json() == result.to_json()


def test_a_persons_own_finding_counts_as_certain():
    drawn = Shape("mine", "L3", body("L3"))
    films = [*six_films()[:1], film("b", None, [truth("L3")], [drawn])]
    assert films[1].top_score == 1
    rule = LevelRule.CLASS_AWARE
    strict = matches_at(films, 0.99, 0.5, (rule,))[rule]
    assert fracture_figures(films, strict).sensitivity.value == pytest.approx(1 / 3)
    certain = evaluate(films[1:], score_threshold=0.5, bootstrap_replicates=5)
    assert certain.detection_calibration.error == certain.film_calibration.error == 0


def test_the_threshold_is_included_and_frozen_in_the_result():
    at = evaluate(six_films(), score_threshold=0.75, bootstrap_replicates=5)
    above = evaluate(six_films(), score_threshold=0.7501, bootstrap_replicates=5)
    assert (at.film.specificity.value, above.film.specificity.value) == (pytest.approx(2 / 3), 1)
    assert at.score_threshold == 0.75
    assert at.ap["mask AP50"]["all"].value == above.ap["mask AP50"]["all"].value


def test_the_same_seed_gives_the_same_intervals():
    one, two, other = (
        evaluate(six_films(), score_threshold=0.5, bootstrap_replicates=50, seed=seed).to_json() for seed in (1, 1, 2)
    )
    assert one == two
    assert one["ap"] != other["ap"]


def test_json_holds_every_figure_and_no_nan(result):
    text = json.dumps(result.to_json(), allow_nan=False)
    numbers = json.loads(text)
    assert numbers["note"] == NOTE
    assert numbers["paper"]["f1_detection"] == pytest.approx(0.4)
    assert numbers["fracture"][NEXT]["sensitivity"]["n"] == 5
    assert numbers["ap"]["mask AP50"]["T11"]["value"] is None
    assert numbers["shifts"] == {"-2": 1, "0": 2, "1": 1}
    assert numbers["confusion"][2][3] == 1
    assert numbers["froc"]["0.25"] == pytest.approx(0.8)


def test_tables_of_the_corrected_mode_show_all_three_rules_and_levels(result):
    films, fractures, levels, quality = result.tables()
    assert "score 0.500" in films[0]
    # Sensitivity and specificity 2/3: at 10 % prevalence 2 of 11 findings are right, 18 of 19 silences.
    values = dict(films[2])
    assert values["positive predictive value where 10% of films have a fracture"] == f"{2 / 11:.3f}"
    assert values["negative predictive value where 10% of films have a fracture"] == f"{18 / 19:.3f}"
    assert [row[0] for row in fractures[2]] == [AWARE, NEXT, ANY]
    assert [row[0] for row in levels[2]] == [*PAPER_CLASSES, "all"]
    assert "FROC: sensitivity at 0.25 false a film" in {row[0] for row in quality[2]}
    for _title, columns, rows in result.tables():
        assert {len(row) for row in rows} == {len(columns)}


def test_tables_of_the_papers_mode_are_its_tables_2_and_3():
    second, third = evaluate(six_films(), score_threshold=0.5, mode="paper", bootstrap_replicates=5).tables()
    assert "Table 2" in second[0]
    assert second[2] == [(2, 1, 2, 3, "40.0", "66.7", "50.0", "50.0", "40.0")]
    assert "Table 3" in third[0]
    assert dict(zip(third[1], third[2][0], strict=True)) == {
        "L1": "0.00", "L2": "0.00", "L3": "1.00", "L4": "1.00", "T11": "nan", "T12": "1.00", "mean": "0.60",
    }  # fmt: skip


def test_the_report_is_one_page_with_its_notice_and_four_figures(result, tmp_path):
    page = write_report(tmp_path / "new" / "report", result, six_films())
    text = page.read_text(encoding="utf-8")
    assert page == tmp_path / "new" / "report" / "report.html"
    assert NOTICE in text
    assert NOTE in text
    assert text.count("<img") == 4
    assert "http" not in text.replace("data:image/png;base64", "")
    assert "6 films, 5 annotated fractures; corrected mode; score threshold 0.500" in text
    for name in ("pr", "froc", "reliability", "confusion"):
        assert (page.parent / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert NOTE[:15] in (page.parent / f"{name}.svg").read_text(encoding="utf-8")
    assert len(list(page.parent.iterdir())) == 9


def test_what_a_note_says_is_text_and_no_html(tmp_path):
    found = evaluate(six_films(), score_threshold=0.5, bootstrap_replicates=5, note="<script>x</script> & more")
    text = write_report(tmp_path, found, six_films()).read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;x&lt;/script&gt; &amp; more" in text


def test_no_films_at_all_are_refused():
    with pytest.raises(DataError, match="no films to evaluate"):
        evaluate([], score_threshold=0.5)


@pytest.mark.parametrize(
    "records",
    [
        [film("a", None, [truth("L1")]), film("b", None)],
        [film("a", None), film("b", None)],
        [film("a", None, [], [guess("L1", 0.9)]), film("b", None)],
        [film("a", None, [truth("L1")], [guess("L1", 0.1)])],
    ],
    ids=["nothing found", "nothing there", "only false", "one film"],
)
def test_sets_that_lack_one_side_give_a_report_without_warnings(records, tmp_path):
    found = evaluate(records, score_threshold=0.5, bootstrap_replicates=20)
    numbers = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert numbers["fractures"] == sum(len(one.truth) for one in records)
    assert numbers["delineation"]["IoU of pairs"]["value"] is None
    assert len(replace(found, mode="paper").tables()) == 2
    assert write_report(tmp_path, found, records).exists()
