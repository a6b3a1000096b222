"""The program's help on each task: pages of Markdown."""

from __future__ import annotations

from gradexplorer.paths import resource

HEADINGS = ("What it is", "Where it was published", "What to look at")


def task_page(name: str) -> str:
    """Return a task's page, in Markdown: the three `HEADINGS` with a text each.

    Parameters
    ----------
    name : str
        As in the settings, e.g. ``"adding"``.

    Raises
    ------
    FileNotFoundError
        It has none.
    """
    return resource("lessons", "tasks", f"{name}.md").read_text("utf-8")


def first_section(page: str) -> str:
    """Return what a page says below its first heading."""
    return page.split("## ")[1].partition("\n")[2].strip()
