"""What benchmarks report is put down, fitted, drawn and shown as it was measured."""

import io
import json
import xml.etree.ElementTree as ElementTree

import pytest
from benchmark_page import draw_chart, print_table, update_readme, write_page
from measurements import Measurement, fit_growth, peak_mib, rounds_ms
from rich.console import Console


def sized(size, cost, peer=(), **more):
    return Measurement("Topic", "thing", "ms", (cost,), peer, "other" if peer else "", size, "films", **more)


MEASURED = (
    sized(10, 2.0, (20.0,)),
    sized(100, 20.0, (2000.0,)),
    sized(1000, 200.0, (200_000.0,), bar=100.0, headline=True),
    Measurement("Topic", "still", "MiB", (1.0, 2.0, 4.0, 3.0)),
    Measurement("Second topic", "quick", "ms", [1.0, 3.0], [4.0, 4.0], "plain way", share=0.5, headline=True),
)


def test_medians_ratios_and_bars():
    quick = MEASURED[-1]
    assert (quick.median, quick.ratio, quick.is_met, quick.bars) == (2.0, 0.5, True, "0.5 x peer")
    assert not MEASURED[2].is_met
    assert MEASURED[3].ratio is None
    assert MEASURED[3].is_met


@pytest.mark.parametrize(
    "wrong", [{"ours": ()}, {"peer": (1.0,)}, {"peer_name": "other"}, {"size": 3.0}, {"of": "films"}, {"share": 0.5}]
)
def test_a_measurement_that_says_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="Topic, thing"):
        Measurement(**{"topic": "Topic", "name": "thing", "unit": "ms", "ours": (1.0,), **wrong})


def test_growth_is_fitted_from_three_sizes_on():
    (growth,) = fit_growth(MEASURED)
    assert growth.sizes == (10, 100, 1000)
    assert growth.ours == pytest.approx(1)
    assert growth.peer == pytest.approx(2)
    assert fit_growth(MEASURED[:2]) == []


def test_works_take_turns_and_the_first_round_is_left_out():
    calls = []
    one, two = rounds_ms(lambda: calls.append(1), lambda: calls.append(2), rounds=3)
    assert calls == [1, 2] * 4
    assert len(one) == len(two) == 3


def test_the_peak_of_memory_is_seen_though_it_is_let_go_again():
    def work():
        return len(bytearray(32 << 20))

    assert 31 < peak_mib(work) < 40


@pytest.mark.parametrize("sizes", [(None,), (1, 2, 3)])
def test_long_names_leave_their_chart_room(tmp_path, sizes):
    peers = ("the loop of another library, float32, two threads", "read and drawn at full size", "loading in turn")
    told = [Measurement("topic", f"a film trained on, 448 x 576 px, bfloat16 {peer}", "ms", (1, 2), (3, 900), peer,
                        size=size, of="" if size is None else "MP") for peer in peers for size in sizes]  # fmt: skip
    figure = draw_chart("topic", told, tmp_path / "topic.svg")
    assert all(axis.get_position().width > 0.3 for axis in figure.axes)


def test_the_page_has_a_chart_for_each_topic_and_all_values(tmp_path):
    write_page(MEASURED, tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for chart in ("topic.svg", "second_topic.svg"):
        assert f"]({chart})" in text
        assert ElementTree.parse(tmp_path / chart).getroot().tag.endswith("svg")
    assert "| quick |  | ms | 2 (1.5 to 2.5) | 2 | plain way | 4 (4 to 4) | 2 | 0.50 | 0.5 x peer |" in text
    assert "thing: cost grows as size^1.00, the peer's as size^2.00 (10, 100, 1000 films)" in text
    record = json.loads((tmp_path / "benchmarks.json").read_text(encoding="utf-8"))
    assert record["measurements"][3]["ours"] == {
        "n": 4, "median": 2.5, "quartiles": [1.75, 3.25], "values": [1.0, 2.0, 4.0, 3.0]
    }  # fmt: skip
    assert record["machine"]["cores"] >= 1


def test_the_readme_shows_headlines_and_which_bar_was_missed(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- benchmarks: begin -->\nold\n<!-- benchmarks: end -->\nafter\n", encoding="utf-8")
    for _ in range(2):
        update_readme(MEASURED, readme)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- benchmarks: begin -->\nMeasured on ")
    assert "](resources/benchmarks/README.md)" in text
    assert text.endswith("<!-- benchmarks: end -->\nafter\n")
    assert "| Topic: thing, 1000 films | 200 ms | 200,000 ms, other | 0.00 | 100 ms (missed) |" in text
    assert "still" not in text
    readme.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="expected the marks"):
        update_readme(MEASURED, readme)


def test_the_terminal_shows_every_measurement():
    console = Console(width=200, record=True, file=io.StringIO())
    print_table(MEASURED, console)
    text = console.export_text()
    assert all(one.name in text for one in MEASURED)
    assert "100 ms (missed)" in text
