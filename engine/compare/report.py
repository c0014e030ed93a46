"""The comparison as HTML: a page of tables and curves, and a page of worst films for each arm."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from engine import __version__
from engine.compare import ArmResult, Protocol
from engine.compare.tables import comparison_tables
from engine.compare.worst import SAID, TRUTH, draw_worst, worst_films
from engine.domain.case import NOTICE
from engine.evaluation.detection import FROC_POINTS, froc, precision_recall, rank
from engine.evaluation.figures import COLOURS, save_figure
from engine.evaluation.report import html_table, markdown_table, png_source, write_page

STYLE = "figure{display:inline-block;margin:.4em}figure img{max-width:none}"
DASHES = ("-", "--", "-.", ":")


def write_comparison(folder: Path, results: Sequence[ArmResult], protocol: Protocol, films: Mapping[str, Path]) -> Path:
    """Write `comparison.html`, `curves.png` and `.svg`, and `worst_<arm>.html`; return the first page's path.

    The tables alone are written as `comparison.md` too. `films` are the test films by name. Raises FilmReadError where
    a film to be shown can't be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figure = _curves(results, protocol)
    save_figure(figure, folder, "curves")
    worst = [_worst_page(folder, one, protocol, films) for one in results]
    links = "".join(
        f"<li><a href='{page.name}'>{html.escape(one.arm.title)}</a></li>"
        for one, page in zip(results, worst, strict=True)
    )
    first = results[0].evaluation
    tables = comparison_tables(results, protocol)
    notes = [protocol.note, NOTICE] if protocol.note else [NOTICE]
    text = "\n".join([*map(markdown_table, tables), *(f"{one}\n" for one in notes)])
    (folder / "comparison.md").write_text(text, encoding="utf-8")
    body = (
        f"<p>{first.films} test films, {first.fractures} annotated fractures; {protocol.mode} mode; mask IoU "
        f"{protocol.iou_threshold}; vcfviewer {__version__}. Intervals are of 95 %: Wilson's for shares, DeLong's for "
        f"areas under curves, else by resampling patients ({protocol.replicates} times).</p>"
        f"{''.join(html_table(one) for one in tables)}"
        f"<p>{_picture(folder / 'curves.png', 'precision and recall, FROC')}</p><h2>Worst films</h2><ul>{links}</ul>"
    )
    return _write(folder / "comparison.html", "Comparison of models", body, protocol)


def _worst_page(folder: Path, result: ArmResult, protocol: Protocol, films: Mapping[str, Path]) -> Path:
    shown = worst_films(result, protocol.iou_threshold)
    figures = "".join(
        f"<figure><img alt='' src='{png_source(draw_worst(result, one, films))}'>"
        f"<figcaption>{html.escape(one.caption)}</figcaption></figure>"
        for one in shown
    )
    body = (
        f"<p>{len(shown)} of {result.evaluation.films} test films, those with most mistakes at score "
        f"{result.evaluation.score_threshold:.3f}. Left what is {_coloured('annotated', TRUTH)}, right what was "
        f"{_coloured('predicted', SAID)}, with scores in percent.</p>{figures}"
    )
    return _write(folder / f"worst_{result.arm.name}.html", f"Worst films of {result.arm.title}", body, protocol)


def _coloured(word: str, colour: tuple[int, int, int]) -> str:
    blue, green, red = colour
    return f"<b style='background:#222;color:rgb({red},{green},{blue});padding:0 .3em'>{word}</b>"


def _curves(results: Sequence[ArmResult], protocol: Protocol) -> Figure:
    figure = Figure(figsize=(10.4, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    for at, one in enumerate(results):
        style = {"color": COLOURS[at % len(COLOURS)], "linestyle": DASHES[at // len(COLOURS) % len(DASHES)]}
        ranking = rank(one.records, None, protocol.iou_threshold)
        if not len(ranking.hits):
            continue
        precision, recall = precision_recall(ranking.hits, int(ranking.truths.sum()))
        left.plot(recall, precision, label=one.arm.title, **style)
        wrong, sensitivity = froc(ranking, len(one.records))
        kept = wrong >= 0.01
        right.plot(wrong[kept], sensitivity[kept], label=one.arm.title, **style)
    left.set(
        title="Precision and recall, any level", xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02)
    )
    right.set(title="FROC, any level", xlabel="false positives a film", ylabel="sensitivity per fracture", xscale="log",
              xlim=(0.01, max(FROC_POINTS)), ylim=(0, 1.02))  # fmt: skip
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    if left.get_legend_handles_labels()[0]:
        left.legend(frameon=False, fontsize=8, loc="lower left")
    if protocol.note:
        figure.supxlabel(protocol.note, fontsize=7)
    return figure


def _write(path: Path, title: str, body: str, protocol: Protocol) -> Path:
    return write_page(path, title, title, body, protocol.note, STYLE)


def _picture(path: Path, name: str) -> str:
    return f"<img style='max-width:98%' alt='{html.escape(name)}' src='{png_source(path.read_bytes())}'>"
