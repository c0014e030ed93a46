"""What a command shows: rich tables and bars for people, one JSON object a line for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engine.control import Progress as Report


class Output:
    """Standard output in one of two languages."""

    def __init__(self, as_json: bool) -> None:
        """Speak JSON lines where `as_json`, else rich text; progress goes to standard error."""
        self.as_json = as_json
        # Kept, for sys.stdout may be lent to a library that talks while it works.
        self._lines = sys.stdout
        self._console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else 160)
        self._aside = Console(stderr=True)

    def say(self, text: str) -> None:
        """Show a line to people; machines don't get it."""
        if not self.as_json:
            self._console.print(text, highlight=False, markup=False)

    def record(self, event: str, **values: object) -> None:
        """Write one JSON line to machines; people don't get it."""
        if self.as_json:
            self._lines.write(json.dumps({"event": event, **values}, default=str) + "\n")
            self._lines.flush()

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show a table to people."""
        if self.as_json:
            return
        table = Table(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("-" if value is None else str(value) for value in row))
        self._console.print(table)

    def rich(self, renderable: object) -> None:
        """Show something rich can draw to people."""
        if not self.as_json:
            self._console.print(renderable)

    @contextmanager
    def progress(self, text: str) -> Iterator[Report]:
        """Show progress while the block runs; yields a function of (done, total, text)."""
        if self.as_json:
            yield lambda done, total, now: self.record("progress", done=done, total=total, text=now)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._aside, transient=True) as bar:
            task = bar.add_task(text, total=None)

            def report(done: int, total: int, now: str) -> None:
                bar.update(task, completed=done, total=total or None, description=f"{text} {now}".strip())

            yield report


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping as a plain dict, for JSON."""
    return dict(values)
