"""Rules of the house that no common linter knows; prints each breach and ends with 1.

A room writes only its own tables; doors import no models; no file is over 500 lines and no function over 60; forbidden
names; no unfinished marks.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "yutang"
CHECKED = ("src", "tests", "tools", "scripts", "benchmarks")
#: Rooms with tables; a table is named ``room_model``.
ROOMS = (
    "api",
    "foundation",
    "ingest",
    "customers",
    "orders",
    "visits",
    "worklist",
    "insight",
    "segments",
    "webhooks",
    "channels",
    "journeys",
    "content",
    "experiments",
    "communities",
    "codes",
    "coupons",
    "payments",
    "groupbuy",
    "privacy",
    "membership",
    "risk",
    "wecom",
    "economics",
    "referral",
)
DOORS = ("api", "console", "cli", "vitals", "pages")
MOST_LINES = 500
MOST_LINES_OF_A_FUNCTION = 60
FORBIDDEN = frozenset({"data", "info", "manager", "helper", "util", "process", "handle", "do_it", "misc", "common"})
WRITES = frozenset(
    {
        "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete", "save",
        "acreate", "aupdate", "adelete", "asave", "set", "add", "remove", "clear",
    }
)  # fmt: skip
BULK_WRITES = frozenset({"insert_rows", "insert_new_rows", "update_rows", "delete_rows"})
WRITING_SQL = re.compile(r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|COPY)\s+\"?([a-z_]+)", re.IGNORECASE)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


@dataclass(frozen=True)
class Breach:
    """One rule broken at one place."""

    path: Path
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.says}"


def main() -> None:
    """Check everything."""
    breaches = [breach for path in checked_files() for breach in breaches_of(path)]
    for breach in breaches:
        print(breach)
    if breaches:
        sys.exit(f"{len(breaches)} breaches of the rules of the house")


def checked_files() -> Iterator[Path]:
    """Yield every Python and SQL file that a person wrote."""
    for folder in CHECKED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".sql"} and "migrations" not in path.parts:
                yield path


def breaches_of(path: Path) -> Iterator[Breach]:
    """Yield what is wrong with one file."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        yield Breach(path, len(lines), f"{len(lines)} lines; a file ends before {MOST_LINES}")
    if path != Path(__file__).resolve():
        for number, line in enumerate(lines, 1):
            if UNFINISHED.search(line):
                yield Breach(path, number, "unfinished: do it, or write an issue")
    room = room_of(path)
    if path.suffix == ".sql":
        if room in ROOMS:
            yield from sql_breaches(path, room, 1, text)
        return
    tree = ast.parse(text, filename=str(path))
    yield from size_and_name_breaches(path, tree)
    if room in ROOMS:
        yield from table_breaches(path, room, tree)
    if room in DOORS:
        yield from model_imports(path, room, tree)


def room_of(path: Path) -> str | None:
    """Return the room that a file belongs to; None outside of the package."""
    return path.relative_to(PACKAGE).parts[0] if path.is_relative_to(PACKAGE) else None


def size_and_name_breaches(path: Path, tree: ast.Module) -> Iterator[Breach]:
    """Yield functions that are too long and names that say nothing."""
    # In tests a manager is a person.
    named = not path.is_relative_to(ROOT / "tests")
    if is_forbidden(path.stem) or is_forbidden(path.stem.removesuffix("s")):
        yield Breach(path, 1, f"the name {path.stem!r} says nothing")
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if named and is_forbidden(node.name):
            yield Breach(path, node.lineno, f"the name {node.name!r} says nothing")
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if not isinstance(node, ast.ClassDef) and length > MOST_LINES_OF_A_FUNCTION:
            yield Breach(path, node.lineno, f"{node.name} has {length} lines; stop at {MOST_LINES_OF_A_FUNCTION}")


def is_forbidden(name: str) -> bool:
    """Return whether a module, class or function has one of the names that say nothing."""
    return name.strip("_").lower() in FORBIDDEN


def model_imports(path: Path, room: str, tree: ast.Module) -> Iterator[Breach]:
    """Yield imports of models in a door; its own, and those that its own models point to, are not meant."""
    if path.name == "models.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("yutang."):
            named = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            if any(name.endswith(".models") and name != f"yutang.{room}.models" for name in named):
                yield Breach(path, node.lineno, "a door imports no models: ask queries, act by actions")


def table_breaches(path: Path, room: str, tree: ast.Module) -> Iterator[Breach]:
    """Yield writes to tables of other rooms: by the ORM, by `foundation.bulk`, by SQL in strings."""
    foreign = foreign_models(room, tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from call_breaches(path, room, node, foreign)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from sql_breaches(path, room, node.lineno, node.value)


def call_breaches(path: Path, room: str, node: ast.Call, foreign: dict[str, str]) -> Iterator[Breach]:
    """Yield what one call writes where it must not."""
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in WRITES:
        root = root_of(function.value)
        if root in foreign:
            yield Breach(path, node.lineno, f"{room} writes {root}, a table of {foreign[root]}")
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in BULK_WRITES and node.args and isinstance(node.args[0], ast.Constant):
        table = str(node.args[0].value)
        if owner_of(table) not in {None, room}:
            yield Breach(path, node.lineno, f"{room} writes {table}, a table of {owner_of(table)}")


def sql_breaches(path: Path, room: str, line: int, text: str) -> Iterator[Breach]:
    """Yield tables of other rooms that a piece of SQL writes."""
    for match in WRITING_SQL.finditer(text):
        table = match.group(1).lower()
        if owner_of(table) not in {None, room}:
            yield Breach(path, line, f"{room} writes {table}, a table of {owner_of(table)}, in SQL")


def foreign_models(room: str, tree: ast.Module) -> dict[str, str]:
    """Return models imported from other rooms: local name to room."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if len(parts) == 3 and parts[0] == "yutang" and parts[2] == "models" and parts[1] != room:
                found.update({alias.asname or alias.name: parts[1] for alias in node.names})
    return found


def root_of(node: ast.expr) -> str:
    """Return the name that a chain of attributes and calls begins with."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return ""
    return node.id


def owner_of(table: str) -> str | None:
    """Return the room that a table belongs to; None for one that is no room's, such as a temporary table."""
    return next((room for room in ROOMS if table.startswith(f"{room}_")), None)


if __name__ == "__main__":
    main()
