"""Progress of a pull on standard error: rows, rate and calls, for a person who waits."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from connectors.protocol import Step


class Watching:
    """Show one line per reading while it is pulled; nothing when quiet or when nobody looks."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<34}"),
            BarColumn(bar_width=20),
            TextColumn("{task.completed:>9,.0f} rows"),
            TextColumn("{task.fields[rate]:>8}"),
            TextColumn("{task.fields[calls]:>5} calls"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: Step) -> None:
        """Take note of one step."""
        if self._progress.disable:
            return
        task = self._tasks.get(step.reading)
        if task is None:
            task = self._progress.add_task(step.reading, total=step.expected, calls=step.calls, rate="")
            self._tasks[step.reading] = task
        speed = self._progress.tasks[task].speed
        self._progress.update(
            task,
            completed=step.rows,
            total=step.expected,
            calls=step.calls,
            rate=f"{speed:,.0f}/s" if speed else "",
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
