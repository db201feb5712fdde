"""What goes wrong, as values: problems are collected and reported together, each with its place.

A :class:`Problem` says one thing: where (file, line, key), what was given, what is allowed. Stages collect problems and
raise one :class:`InvalidInput` that carries all of them; the command line prints a line per problem and never a
traceback. Exit codes are part of the interface: 0 agrees, 1 disagrees or invalid input, 2 usage, 3 could not verify.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN_CHARACTERS = 60
SHOWN_CHOICES = 12


class SheetgenError(Exception):
    """Base of every error that a user can cause. ``exit_code`` is what the command line ends with."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one place. ``line`` is 1-based; ``given`` and ``allowed`` are shown as they stand."""

    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    given: str | None = None
    allowed: str | None = None

    def __str__(self) -> str:
        """``file:line: key: message (given: ..., allowed: ...)``, on one line."""
        place = "" if self.file is None else self.file + (f":{self.line}" if self.line else "") + ": "
        key = "" if self.key is None else f"{self.key}: "
        facts = [f"given: {shorten(self.given)}"] if self.given is not None else []
        facts += [f"allowed: {self.allowed}"] if self.allowed is not None else []
        return one_line(f"{place}{key}{self.message}" + (f" ({'; '.join(facts)})" if facts else ""))


class InvalidInput(SheetgenError):  # noqa: N818 - says what is wrong, as click's Abort does
    """A scenario, catalogue or workbook holds mistakes; ``problems`` lists all that were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[tuple[Problem, ...]]]:
        """How it comes through a pipe: by its problems."""
        return type(self), (self.problems,)


class BuildError(SheetgenError):
    """The workbook was not written: its values disagree with the engine, a check fails, or the disk refused."""


class NotVerifiable(SheetgenError):  # noqa: N818 - a verdict, not a failure of ours
    """``verify`` could not reach a verdict: not a workbook of ours, unreadable, or the canary did not sing."""

    exit_code = 3


def one_line(text: str) -> str:
    """The text with control characters and line breaks made visible, so that a message stays one line."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def shorten(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """The text, quoted by its start and length when it is too long to show."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def closest(given: str, choices: Iterable[str]) -> str | None:
    """The choice that is most like what was given, whatever its case, or None when none is close."""
    folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(given[:200].casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(given: str, choices: Iterable[str]) -> str:
    """``; did you mean 'x'?`` when one of the choices is close, else an empty string."""
    close = closest(given, choices)
    return f"; did you mean '{close}'?" if close is not None else ""


def list_choices(choices: Iterable[str]) -> str:
    """The choices joined by commas, cut after a dozen with the number of the rest."""
    names = list(choices)
    shown = ", ".join(names[:SHOWN_CHOICES])
    return shown if len(names) <= SHOWN_CHOICES else f"{shown}, and {len(names) - SHOWN_CHOICES} more"
