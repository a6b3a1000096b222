"""Every task has a page in the help: what it is, where it was published, what to look at."""

from __future__ import annotations

import re

import pytest

from gradexplorer.cli import main
from gradexplorer.config.task import TASKS
from gradexplorer.lessons import HEADINGS, first_section, task_page
from gradexplorer.paths import resource


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_page_with_three_sections(name: str) -> None:
    page = task_page(name)
    assert tuple(re.findall(r"^#+ (.*)$", page, re.MULTILINE)) == HEADINGS
    for part in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:]:
        assert 60 < len(part.strip()) < 1500
    assert page == page.rstrip() + "\n"
    assert first_section(page) in page
    assert "## " not in first_section(page)


def test_no_page_is_of_a_task_that_is_not_there() -> None:
    pages = {entry.name for entry in resource("lessons", "tasks").iterdir()}
    assert {page for page in pages if page.endswith(".md")} == {f"{name}.md" for name in TASKS}


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["tasks", *arguments])
    return (int(ended.value.code or 0), *capsys.readouterr())


def test_the_command_lists_the_tasks_and_prints_their_pages(capsys) -> None:
    code, out, _ = ask(capsys)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(TASKS)
    assert all(kind.title in out for kind in TASKS.values())
    code, out, _ = ask(capsys, "copy")
    assert code == 0
    assert out == f"# Copy problem\n\n{task_page('copy')}"


@pytest.mark.parametrize(
    ("name", "hint"), [("coppy", "did you mean copy?"), ("xyz", "gradexplorer tasks lists them.")]
)
def test_an_unknown_task_is_said_to_be_one(capsys, name: str, hint: str) -> None:
    code, out, err = ask(capsys, name)
    assert (code, out) == (2, "")
    assert err == f"gradexplorer: There is no task called {name}; {hint}\n"
