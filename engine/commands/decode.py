"""`vcf-engine decode`: read films for a program that must not stall, such as one with a window.

The decoders of compressed DICOM hold Python's lock for as long as they work: 1.2 s for 12 megapixels of JPEG 2000.

In:  {"id": 7, "film": path, "embedded": false, "out": path}; {"op": "cancel", "id": 7}.
Out: {"event": "decoded", "id": 7, "out": path, "sha256": of the film's bytes}, where `out` then holds the film as
     `engine.films.packed` writes it; or a failure (see `answer_requests`). It ends with its input.
"""

from __future__ import annotations

import argparse
from typing import Any

from engine.commands import COMMANDS
from engine.commands._output import Output
from engine.commands._requests import Request, answer_requests, path_in
from engine.control import Cancelled, CancelToken
from engine.data.worklist import WorkItem
from engine.domain.case import NOTICE
from engine.films.packed import write_packed
from engine.review.opening import read_ahead


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser."""
    parser = subparsers.add_parser(
        "decode", help=COMMANDS["decode"],
        description=f"Read films on request, for a program beside this one; one JSON object a line. {NOTICE}",
        epilog="""example: vcf-engine decode --json <<< '{"id": 1, "film": "a.dcm", "out": "a.film"}'""",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace, _output: Output) -> int:
    """Answer until the input ends."""
    return answer_requests(decode)


def decode(request: Request, cancel: CancelToken) -> dict[str, Any]:
    """Read one film into the file `out`; raises FilmReadError, ConfigError, Cancelled."""
    out = path_in(request, "out")
    item = WorkItem(path_in(request, "film"), embedded=bool(request.get("embedded")))
    read = read_ahead(item, cancel)
    cancel.check()
    write_packed(out, read.film)
    try:
        cancel.check()
    except Cancelled:
        out.unlink(missing_ok=True)  # Whoever asked has dropped it already, before it was there.
        raise
    return {"event": "decoded", "out": str(out), "sha256": read.sha256}
