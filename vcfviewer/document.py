"""The annotation that is being edited, and its undo stack.

Annotations never change: an edit is a pair (before, after), so that one command class serves every edit, and unchanged
shapes are shared between all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.domain.annotation import Annotation


class PastStep(Protocol):
    """One edit of an earlier session, as the journal gives it back."""

    @property
    def text(self) -> str:
        """Return what was done, in words."""
        ...

    @property
    def before(self) -> Annotation:
        """Return the annotation before it."""
        ...

    @property
    def after(self) -> Annotation:
        """Return the annotation after it."""
        ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """A change that the journal has to keep; `kind` is edit, undo, redo or outside (another program's)."""

    kind: str
    text: str
    before: Annotation
    after: Annotation
    joined: bool = False
    """Whether it makes one step with the edit before it."""


class Document(QObject):
    """Holds one annotation; `changed` says that it is another one now, `recorded` that a person changed it."""

    changed = Signal()
    recorded = Signal(object)  # Recorded

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without an annotation."""
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._annotation: Annotation | None = None
        self._original: Annotation | None = None
        self._read_only = False
        self._quiet = False

    @property
    def annotation(self) -> Annotation | None:
        """Return the annotation as it stands, None where no film is open."""
        return self._annotation

    @property
    def original(self) -> Annotation | None:
        """Return the expert's annotation as it was first opened."""
        return self._original

    @property
    def before(self) -> Annotation | None:
        """Return what undo leads to; None where there is nothing to undo."""
        last = self.undo_stack.command(self.undo_stack.index() - 1) if self.undo_stack.index() else None
        return last.before if isinstance(last, _Step) else None

    @property
    def read_only(self) -> bool:
        """Whether edits are refused."""
        return self._read_only

    def open(
        self,
        annotation: Annotation,
        original: Annotation,
        steps: Sequence[PastStep] = (),
        position: int = 0,
        *,
        read_only: bool = False,
    ) -> None:
        """Show an annotation, with the steps of earlier sessions so that they can be undone; says `changed` once."""
        self._quiet = True
        try:
            self.undo_stack.clear()
            for step in steps:
                self.undo_stack.push(_Step(self, step.text, step.before, step.after))
            self.undo_stack.setIndex(position)
        finally:
            self._quiet = False
        self._annotation, self._original, self._read_only = annotation, original, read_only
        self.changed.emit()

    def close(self) -> None:
        """Forget the annotation."""
        self.undo_stack.clear()
        self._annotation = self._original = None
        self.changed.emit()

    def edit(self, text: str, after: Annotation, merge_key: str = "", *, kind: str = "edit") -> bool:
        """Push one undo step; False where nothing would change, raises ValueError where edits are refused.

        `kind` is "outside" where another program made the change, and the reader only takes it in.

        Edits in a row of one `merge_key`, such as an outline nudged five times, make one step.
        """
        if self._annotation is None:
            raise ValueError("no film is open")
        if self._read_only:
            raise ValueError("this film is open for reading only")
        if after is self._annotation or after == self._annotation:
            return False
        last = self.undo_stack.command(self.undo_stack.index() - 1) if self.undo_stack.index() else None
        joined = bool(merge_key) and isinstance(last, _Step) and last.merge_key == merge_key
        self.undo_stack.push(_Step(self, text, self._annotation, after, merge_key, kind=kind, joined=joined))
        return True

    def show(self, kind: str, text: str, before: Annotation, after: Annotation, *, joined: bool = False) -> None:
        """Take over one step's result; called by the steps alone."""
        if self._quiet:
            return
        self._annotation = after
        self.recorded.emit(Recorded(kind, text, before, after, joined))
        self.changed.emit()


class _Step(QUndoCommand):
    def __init__(
        self,
        document: Document,
        text: str,
        before: Annotation,
        after: Annotation,
        merge_key: str = "",
        *,
        kind: str = "edit",
        joined: bool = False,
    ) -> None:
        super().__init__(text)
        self._document = document
        self._before, self._after = before, after
        self.merge_key, self._kind, self._joined = merge_key, kind, joined
        self._first = True

    @property
    def before(self) -> Annotation:
        """Return what undo leads to."""
        return self._before

    def redo(self) -> None:
        kind = self._kind if self._first else "redo"
        joined, self._first = self._first and self._joined, False
        self._document.show(kind, self.text(), self._before, self._after, joined=joined)

    def id(self) -> int:
        # Qt asks mergeWith for commands of one id only; -1 would mean never.
        return 1 if self.merge_key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or not other._joined:
            return False
        self._after = other._after
        return True

    def undo(self) -> None:
        self._document.show("undo", self.text(), self._after, self._before)
