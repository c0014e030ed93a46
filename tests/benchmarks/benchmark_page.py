"""From measurements to what is read: a table in the terminal, JSON, a page with charts, and the README's table."""

import json
import re
import statistics
from textwrap import fill

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from measurements import fit_growth, machine, quartiles, spread
from rich.console import Console
from rich.table import Table

COLUMNS = ("what", "size", "unit", "ours", "n", "peer", "peer's", "n", "ratio", "at most")
PAGE = "resources/benchmarks"
OURS, PEER = "#0072B2", "#D55E00"
LEGEND = 24
"""Letters on a line of a legend: it stands beside its panel, which gets the rest of the width."""

MARKS = re.compile(r"(<!-- benchmarks: begin -->\n).*(<!-- benchmarks: end -->)", re.DOTALL)


def print_table(measurements, console=None):
    """Print every measurement, topic by topic, and how costs grow."""
    console = console or Console(width=200)
    for topic, found in by_topic(measurements).items():
        table = Table(*COLUMNS, title=topic, title_justify="left")
        for one in found:
            table.add_row(*_row(one), style="" if one.is_met else "bold red")
        console.print(table)
    for one in fit_growth(measurements):
        console.print(_growth_line(one), markup=False)


def write_page(measurements, folder):
    """Write `benchmarks.json`, a chart for each topic, and `README.md`, which shows all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    fitted, where = fit_growth(measurements), machine()
    record = {
        "machine": where, "measurements": [one.to_json() for one in measurements],
        "growth": [vars(one) for one in fitted],
    }  # fmt: skip
    (folder / "benchmarks.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    parts = [
        "# Benchmarks", "", "Written by `python3 packaging/test.py --benchmarks`; the values of every round stand in "
        "[benchmarks.json](benchmarks.json). Ours and the peer took turns in one run.", "", _machine_line(where), "",
    ]  # fmt: skip
    for topic, found in by_topic(measurements).items():
        chart = f"{re.sub(r'[^a-z0-9]+', '_', topic.lower()).strip('_')}.svg"
        draw_chart(topic, found, folder / chart)
        parts += [f"## {topic}", "", *_markdown(found, COLUMNS, _row), ""]
        parts += [_growth_line(one) + "  " for one in fitted if one.topic == topic]
        parts += ["", f"![{topic}]({chart})", ""]
    (folder / "README.md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def update_readme(measurements, readme):
    """Put the headlines, each at its largest size, between the README's marks; raises ValueError without marks."""
    text = readme.read_text(encoding="utf-8")
    if not MARKS.search(text):
        raise ValueError(f"{readme}: expected the marks <!-- benchmarks: begin --> and end, got none; put them back")
    told = [_largest(family) for family in _families([one for one in measurements if one.headline])]
    columns = ("what", "ours", "peer", "ratio", "at most")
    lines = [
        *(_machine_line(machine()), ""), *_markdown(told, columns, _short_row), "",
        f"[All measurements with their charts]({PAGE}/README.md), and how each cost grows.", "",
    ]  # fmt: skip
    filled = "\n".join(lines)
    readme.write_text(MARKS.sub(lambda found: found[1] + filled + found[2], text), encoding="utf-8")


def draw_chart(topic, measurements, path):
    """Draw a topic as SVG: lines over the size where three sizes were measured, points for the rest, a panel a unit.

    Returns the figure.
    """
    families = _families(measurements)
    lines = [family for family in families if len({one.size for one in family}) > 2]
    rest = [one for family in families if family not in lines for one in family]
    panels = [(_draw_lines, family) for family in lines]
    panels += [
        (_draw_points, [one for one in rest if one.unit == unit]) for unit in dict.fromkeys(one.unit for one in rest)
    ]
    heights = [2.6 if draw is _draw_lines else 0.7 + 0.4 * len(shown) for draw, shown in panels]
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": topic, "font.size": 9}):
        figure = Figure(figsize=(7.5, sum(heights) + 0.5), layout="constrained")
        axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for axis, (draw, shown) in zip(axes, panels, strict=True):
            draw(axis, shown)
            axis.spines[["top", "right"]].set_visible(False)
            if any(one.peer for one in shown):
                axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), fontsize=8)
        figure.suptitle(topic)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    return figure


def _draw_lines(axis, family):
    family = sorted(family, key=lambda one: one.size)
    sizes = [one.size for one in family]
    axis.loglog(sizes, [one.median for one in family], "o-", color=OURS, label="ours")
    if all(one.peer for one in family):
        axis.loglog(sizes, [statistics.median(one.peer) for one in family], "s--", color=PEER,
                    label=fill(family[0].peer_name, LEGEND))  # fmt: skip
    _number_plainly(axis.yaxis)
    axis.set_xticks(sizes, [f"{size:g}" for size in sizes])
    axis.xaxis.set_minor_locator(NullLocator())
    axis.set_xlabel(family[0].of)
    axis.set_ylabel(family[0].unit)
    axis.set_title(family[0].name, fontsize=9)


def _draw_points(axis, measurements):
    """Medians with quartiles, a row each: on a logarithmic axis, as ours and a peer's may lie far apart."""
    names = [one.name + ("" if one.size is None else f", {one.size:g} {one.of}") for one in measurements]
    for at, one in enumerate(measurements):
        for values, style, away in ((one.ours, {"fmt": "o", "color": OURS}, -0.15),
                                    (one.peer, {"fmt": "s", "color": PEER}, 0.15)):  # fmt: skip
            if values:
                low, middle, high = quartiles(values)
                axis.errorbar(middle, at + away, xerr=[[middle - low], [high - middle]], capsize=2, **style)
    peers = ",\n".join(dict.fromkeys(fill(one.peer_name, LEGEND) for one in measurements if one.peer))
    axis.plot([], [], "o", color=OURS, label="ours")
    axis.plot([], [], "s", color=PEER, label=peers)
    if min(min(one.ours + one.peer) for one in measurements) > 0:
        axis.set_xscale("log")
        _number_plainly(axis.xaxis)
    axis.set_yticks(range(len(names)), [fill(name, 38) for name in names])
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.grid(axis="x", color="0.9")
    axis.set_xlabel(measurements[0].unit)


def _number_plainly(axis):
    """Ticks at 1, 2 and 5 of each decade where few decades are shown, written as numbers."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 100 * low else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def by_topic(measurements):
    """The measurements of each topic, in the order they were made."""
    topics = {}
    for one in measurements:
        topics.setdefault(one.topic, []).append(one)
    return topics


def _families(measurements):
    """The sizes of one thing together."""
    families = {}
    for one in measurements:
        families.setdefault((one.topic, one.name, one.unit), []).append(one)
    return list(families.values())


def _largest(family):
    return max(family, key=lambda one: one.size or 0)


def _row(one):
    peer = (one.peer_name, spread(one.peer), str(len(one.peer)), f"{one.ratio:.2f}") if one.peer else ("", "", "", "")
    return one.name, _size(one), one.unit, spread(one.ours), str(len(one.ours)), *peer, _bars(one)


def _short_row(one):
    peer = f"{spread(one.peer)} {one.unit}, {one.peer_name}" if one.peer else ""
    size = f", {_size(one)}" if one.size is not None else ""
    ratio = f"{one.ratio:.2f}" if one.peer else ""
    return f"{one.topic}: {one.name}{size}", f"{spread(one.ours)} {one.unit}", peer, ratio, _bars(one)


def _size(one):
    return "" if one.size is None else f"{one.size:g} {one.of}"


def _bars(one):
    return one.bars + ("" if one.is_met else " (missed)")


def _markdown(measurements, columns, row):
    return [
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(f"| {' | '.join(row(one))} |" for one in measurements),
    ]


def _growth_line(one):
    peer = "" if one.peer is None else f", the peer's as size^{one.peer:.2f}"
    sizes = ", ".join(f"{size:g}" for size in one.sizes)
    return f"{one.name}: cost grows as size^{one.ours:.2f}{peer} ({sizes} {one.of})"


def _machine_line(where):
    packages = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    return (
        f"Measured on {where['processor']}, {where['cores']} cores, {where['memory_gib']:g} GiB, {where['system']}, "
        f"Python {where['python']}; {packages}. Medians with quartiles."
    )
