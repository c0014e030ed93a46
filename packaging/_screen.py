"""A virtual screen for the tests of the window, where there is none. Standard library only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from _setup import has_screen, say

SIZE = "1920x1080x24"


@contextmanager
def virtual_screen(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield an environment with a screen: Xvfb's where there is none and Xvfb is installed, else the one given.

    Real windows open on it, so that tests press real keys; without it Qt draws off screen.
    """
    child = dict(environ)
    program = shutil.which("Xvfb")
    if has_screen(environ, sys.platform) or program is None:
        yield child
        return
    read_end, write_end = os.pipe()
    command = [program, "-displayfd", str(write_end), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=(write_end,), stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if number:
            child["DISPLAY"] = f":{number}"
            child.pop("QT_QPA_PLATFORM", None)
        else:
            say("Xvfb didn't start: the window's tests draw off screen.")
        yield child
    finally:
        server.terminate()
        server.wait()
