"""The documentation names everything that an operator can set, call, hear or must know."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.module_loading import autodiscover_modules

import yutang
from yutang.cli.main import build
from yutang.foundation.jobs import SCHEDULES
from yutang.foundation.outbox import kind_of

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SETTING = re.compile(
    r"""\b(?:environ(?:\.get\(|\[|\.setdefault\()|getenv\(|flag\()\s*["']((?:YUTANG_|DATABASE_)\w+)["']"""
)
#: Places of one machine, and hosts of packages.
MACHINE = re.compile(
    r"(?<![\w.$}/-])/(?:work|root|home|tmp|opt|mnt)/\w|\b(?:pypi\.org|pythonhosted|npmjs|registry\.\w+\.(?:org|com))\b"
)
MAIL = re.compile(r"[\w.+-]@([\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b")
#: Hosts that belong to nobody, and what only looks like one.
NOBODYS = frozenset({"example.com", "mail.example.cn"})


def headings(name: str) -> set[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return set(re.findall(r"^## (.+)$", text, flags=re.MULTILINE))


def commands(app: Any, path: str = "yutang") -> Iterator[str]:
    for command in app.registered_commands:
        yield f"{path} {command.name or command.callback.__name__.replace('_', '-')}"
    for group in app.registered_groups:
        yield from commands(group.typer_instance, f"{path} {group.name}")


def test_every_setting_has_its_heading() -> None:
    folders = (ROOT / "src", ROOT / "tests", ROOT / "scripts", ROOT / "benchmarks")
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    used = {name for text in sources for name in SETTING.findall(text)}

    assert {"YUTANG_HOME", "DATABASE_URL"} <= used
    assert used - headings("settings.md") == set()


def test_no_setting_is_described_that_does_not_exist() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("src", "tests", "scripts")
        for path in (ROOT / folder).rglob("*.py")
    ]

    assert {name for name in headings("settings.md") if not any(f'"{name}"' in text for text in sources)} == set()


def test_every_command_has_its_heading_and_no_other() -> None:
    # A command that stands directly in a group of one is called by the group's name.
    there = set(commands(build()))

    assert there - headings("commands.md") == set()
    assert headings("commands.md") - there == set()


def test_every_event_has_its_heading_and_no_other() -> None:
    there = set()
    for room in pkgutil.iter_modules(yutang.__path__):
        if (ROOT / "src" / "yutang" / room.name / "events.py").exists():
            module = importlib.import_module(f"yutang.{room.name}.events")
            there |= {
                kind_of(one)
                for one in vars(module).values()
                if isinstance(one, type) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__
            }

    assert there == headings("events.md")


def test_every_schedule_is_described() -> None:
    autodiscover_modules("schedules")
    text = (DOCS / "jobs.md").read_text(encoding="utf-8")

    assert [schedule.name for schedule in SCHEDULES if f"| {schedule.name} |" not in text] == []


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    text = (DOCS / "decisions" / "0004-dependencies.md").read_text(encoding="utf-8").lower()

    assert [one for one in wanted if re.split(r"[\[~>=<]", one)[0].lower() not in text] == []


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_says_what_why_and_what_else(path: Path) -> None:
    wanted = {"Context", "Decision", "Consequences", "Alternatives", "Enforced by"}

    assert wanted <= set(re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")

    assert broken == []


def tracked() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout, so nothing tells which files belong to the repository")
    yield from (ROOT / name for name in listed.stdout.decode().split("\0") if name)


def test_no_tracked_text_names_a_machine_a_package_host_or_a_person() -> None:
    breaches = []
    for path in tracked():
        if path == Path(__file__).resolve() or path.suffix in {".png", ".ico", ".woff2"} or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if MACHINE.search(line) or any(host not in NOBODYS for host in MAIL.findall(line.lower())):
                breaches.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")

    assert breaches == []


def test_the_lock_names_no_package_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()

    assert "://" not in lock
    assert "--index" not in lock
