"""Makes an installation one without PyTorch: on the Python path, it hides torch from a process and its children."""

from importlib.machinery import PathFinder

_find = PathFinder.find_spec


def _find_others(_finder, name, path=None, target=None):
    return None if name.partition(".")[0] in ("torch", "torchvision") else _find(name, path, target)


PathFinder.find_spec = classmethod(_find_others)
