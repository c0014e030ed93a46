"""One page of HTML: what was measured, on what, and the figures; nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from engine import __version__
from engine.domain.case import NOTICE
from engine.evaluation import Evaluation, Table
from engine.evaluation.figures import draw_figures
from engine.evaluation.records import FilmRecord

_STYLE = """body{font:15px/1.45 system-ui,sans-serif;max-width:62em;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:.6em 0 1.6em}
th,td{padding:.25em .7em;border-bottom:1px solid #ddd;text-align:left}
th{background:#f3f5f7}img{max-width:48%;border:0}.notice{background:#fff3cd;padding:.6em 1em;border-radius:4px}"""


def write_report(folder: Path, result: Evaluation, records: Sequence[FilmRecord]) -> Path:
    """Write the figures and `report.html` into `folder` (made if need be); return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    names = draw_figures(folder, result, records)
    pictures = "".join(_picture(folder / f"{name}.png", name) for name in names)
    body = "".join(html_table(one) for one in result.tables())
    text = (
        f"<p>{result.films} films, {result.fractures} annotated fractures; {result.mode} mode; score threshold "
        f"{result.score_threshold:.3f}; mask IoU {result.iou_threshold}; vcfviewer {__version__}. Intervals are of "
        f"95 %: Wilson's for shares, DeLong's for areas under curves, else by resampling patients.</p>"
        f"{body}<p>{pictures}</p>"
    )
    return write_page(folder / "report.html", "evaluation", "Evaluation", text, result.note)


def write_page(path: Path, title: str, heading: str, body: str, note: str, style: str = "") -> Path:
    """Write a page of HTML with the notice and, if there is one, a note on the films; return its path."""
    told = f" {html.escape(note)}" if note else ""
    path.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>vcfviewer: {html.escape(title)}</title>"
        f"<style>{_STYLE}{style}</style><h1>{html.escape(heading)}</h1>"
        f"<p class='notice'><b>{NOTICE}</b>{told}</p>{body}</html>\n",
        encoding="utf-8",
    )
    return path


def html_table(table: Table) -> str:
    """Return a table (title, columns, rows) as HTML."""
    title, columns, rows = table
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<h2>{html.escape(title)}</h2><table><tr>{head}</tr>{lines}</table>"


def markdown_table(table: Table) -> str:
    """Return a table (title, columns, rows) as Markdown, its title as a paragraph."""
    title, columns, rows = table
    cells = ([str(cell).replace("|", "\\|") for cell in row] for row in (columns, ["---"] * len(columns), *rows))
    return f"{title}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _picture(path: Path, name: str) -> str:
    return f"<img alt='{html.escape(name)}' src='{png_source(path.read_bytes())}'>"


def png_source(data: bytes) -> str:
    """Return a PNG as what stands in an `src`: a page needs no file beside it."""
    return f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"
