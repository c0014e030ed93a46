"""Start vcfviewer; the first call sets it up in `.venv` beside pyproject.toml.

  python3 packaging/run.py                       opens the window on the sample films
  python3 packaging/run.py FILM_OR_FOLDER ...    your own films (PNG, JPEG, TIFF, BMP, DICOM) and labelme files
  python3 packaging/run.py --out FOLDER ...      no window: predict, and put the results there

Without a screen it predicts without a window, into ~/vcfviewer-results/<date and time>, and says so.
Everything it shows is for research use, not for diagnosis.
"""

import subprocess
import sys

# hexversion, not version_info: this line is for Pythons older than the project may otherwise know of.
if sys.hexversion < 0x030B0000:
    sys.exit(f"vcfviewer needs Python 3.11 or newer, and this is {sys.version.split()[0]}: start it with a newer one.")

import os

from _setup import ROOT, SetupError, child_environment, ensure_environment, has_screen, say, venv_program
from _system import prepare_qt


def main(arguments: list[str]) -> int:
    """Set up, start the program with the caller's arguments in the caller's folder, and return its exit code."""
    if "-h" in arguments or "--help" in arguments:
        say((__doc__ or "").strip())
        return 0
    try:
        venv = ensure_environment(ROOT, dev=False)
        if has_screen(os.environ, sys.platform):
            prepare_qt()
        command = [str(venv_program(venv, "vcfviewer")), *arguments]
        return subprocess.run(command, env=child_environment(os.environ, sys.platform), check=False).returncode
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
