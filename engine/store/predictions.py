"""What models said of films, by content: a film renamed, or copied within the folder, isn't predicted again."""

from __future__ import annotations

import errno
import hashlib
import sqlite3
from pathlib import Path

from engine.domain.case import ModelCard, Prediction
from engine.files import SPECIAL, is_special
from engine.store._database import Database, StoreError
from engine.store.journal import utc_now
from engine.store.snapshot import pack, read_shape, shape_record, unpack


def put_prediction(database: Database, film_sha256: str, prediction: Prediction, settings: str) -> None:
    """Keep a prediction by the film's and the weights' sha256 and the settings it was made with. StoreError."""
    body = pack({
        "size": prediction.image_size, "seconds": prediction.seconds, "backend": prediction.backend,
        "shapes": [shape_record(shape) for shape in prediction.shapes],
    })  # fmt: skip
    row = (film_sha256, prediction.card.sha256, _made_with(prediction.card, settings), utc_now(), body)
    database.write(
        lambda connection: connection.execute("INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?, ?)", row)
    )


def get_prediction(database: Database, film_sha256: str, card: ModelCard, settings: str) -> Prediction | None:
    """Return the prediction of a card's weights, under the shape ids it was made with; None if there is none."""
    found = database.read(
        lambda connection: connection.execute(
            "SELECT body FROM predictions WHERE film_sha256 = ? AND weights_sha256 = ? AND settings = ?",
            (film_sha256, card.sha256, _made_with(card, settings)),
        ).fetchone()
    )
    if found is None:
        return None
    try:
        record = unpack(found[0])
        if not isinstance(record, dict):
            raise ValueError("expected an object")
        height, width = record["size"]
        shapes = tuple(read_shape(shape) for shape in record["shapes"])
        return Prediction(card, (height, width), shapes, record["seconds"], record.get("backend", ""))
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(database.path, f"the prediction of film {film_sha256[:12]} can't be read: {error}") from error


def _made_with(card: ModelCard, settings: str) -> str:
    return f"{settings} {card.settings_key}"


def content_sha256(database: Database, film: str, path: Path) -> str:
    """Return a file's sha256, read again only where its size or time changed; raises OSError, StoreError."""
    status = path.stat()
    stamp = (status.st_size, status.st_mtime_ns)

    def look(connection: sqlite3.Connection) -> str | None:
        row = connection.execute("SELECT size, changed, sha256 FROM hashes WHERE film = ?", (film,)).fetchone()
        return row[2] if row is not None and (row[0], row[1]) == stamp else None

    known = database.read(look)
    if known is not None:
        return known
    if is_special(path):
        raise OSError(errno.EINVAL, f"expected a film, got {SPECIAL}", str(path))
    with path.open("rb") as file:
        fresh = hashlib.file_digest(file, "sha256").hexdigest()
    database.write(
        lambda connection: connection.execute(
            "INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)", (film, *stamp, fresh)
        )
    )
    return fresh
