"""The commands of `vcf-engine`, one file each: each offers `add(subparsers)` and a function that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "simulate": "make simulated films with known truth",
        "split": "divide annotated films into train, valid and test",
        "train": "train a network on annotated films",
        "evaluate": "measure a model against annotated films",
        "compare": "several families by one protocol, beside the paper's tables",
        "predict": "find fractures on films",
        "models": "list network families and trained models",
        "export": "films, labels and tables of a review, for training or to hand on",
        "published": "the paper's tables, recomputed",
        "export-model": "a trained network for OpenVINO or ONNX Runtime, without PyTorch",
        "serve": "predict on request, one JSON line in and one out",
        "decode": "read films on request, one JSON line in and one out",
    }
)
"""What each command does, in one line: told without importing the commands, as most of them bring PyTorch."""
