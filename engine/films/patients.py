"""Who a film shows, as a hash: from DICOM, or from a `patients.csv` beside the films."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

from engine.errors import ConfigError

FILE_NAME = "patients.csv"


def patient_hash(identity: str) -> str:
    """Return the first 16 hex digits of a patient identity's sha256: enough to group by, nothing to name by."""
    return hashlib.sha256(identity.strip().encode("utf-8")).hexdigest()[:16]


def read_patients(films: Sequence[Path]) -> dict[str, str]:
    """Return the patient hash of each film name that a `patients.csv` beside the films lists.

    The file has the columns `film` and `patient`; raises ConfigError that names it otherwise.
    """
    patients: dict[str, str] = {}
    for folder in sorted({film.parent for film in films}):
        path = folder / FILE_NAME
        if not path.exists():
            continue
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise ConfigError(f"{path}: expected a table with the columns film,patient, got {error}") from error
        if rows and not {"film", "patient"} <= set(rows[0]):
            raise ConfigError(f"{path}: expected the columns film,patient, got {','.join(map(str, rows[0]))}")
        patients.update({row["film"]: patient_hash(row["patient"]) for row in rows if row["film"] and row["patient"]})
    return patients
