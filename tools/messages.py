"""Sentences of the product: find them, write them into the catalogues, check that both languages are complete, compile.

Commands: update, check, compile. Found are `gettext` and its kin, `N_` and `_` in Python, `{% trans %}`, `{% translate %}`
and `{% blocktranslate %}` in templates, and what the grain of a named query says in SQL. Only Babel is needed, no gettext
program. A sentence inside an f-string is never found, so that `check` forbids it.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "yutang"
LANGUAGES = ("zh_Hans", "en")
KEYWORDS = ("_", "N_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy")
#: A place in a sentence: ``%(name)s``.
PLACE = re.compile(r"%\((\w+)\)[sd]")
#: What one row of a named query is, as its header says it.
GRAIN = re.compile(r"^-- grain:(.*(?:\n--(?!\s*\w+:).*)*)", re.MULTILINE)

#: The same every time, so that only sentences change.
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: yutang\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""

Message = tuple[str | tuple[str, str], str | None, str]


def main() -> None:
    """Do what the command line says."""
    commands = {"update": update, "check": check, "compile": compile_all}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(f"usage: messages.py {'|'.join(commands)}")
    commands[sys.argv[1]]()


def update() -> None:
    """Write found sentences into the catalogues; sentences that are gone are dropped, translations are kept."""
    for language in LANGUAGES:
        path = catalogue_path(language)
        before, after = read(path), fresh(language)
        for message in after:
            known = before.get(message.id, context=message.context) if message.id else None
            if known is not None:
                message.string = known.string
            elif language == "en" and message.id:
                message.string = message.id
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(HEADER.format(language=language, plurals=after.plural_forms).encode())
            write_po(file, after, width=120, sort_output=True, omit_header=True, include_lineno=False)
        missing = [fault for fault in faults(language) if "not translated" in fault]
        print(f"{path.relative_to(ROOT)}: {len(after)} sentences, {len(missing)} to be translated")


def check() -> None:
    """End with 1 and name every sentence that is missing, untranslated, fuzzy, or has other places than its translation."""
    found = [f"{language}: {fault}" for language in LANGUAGES for fault in faults(language)]
    for path in sorted(SOURCE.rglob("*.py")):
        hidden = hidden_sentences(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(ROOT)}:{line}: {fault}" for line, fault in hidden]
    for fault in found[:200]:
        print(fault)
    if found:
        sys.exit(f"{len(found)} faults in the translations; `make messages` writes new sentences into the catalogues")


def compile_all() -> None:
    """Compile what is newer than its compiled form."""
    sys.path.insert(0, str(ROOT / "src"))
    from yutang.cli.catalogues import compile_stale

    compile_stale()


def faults(language: str) -> Iterator[str]:
    """Yield what is wrong with one catalogue."""
    kept = read(catalogue_path(language))
    for wanted in fresh(language):
        if not wanted.id:
            continue
        message = kept.get(wanted.id, context=wanted.context)
        where = wanted.locations[0][0] if wanted.locations else ""
        if message is None:
            yield f"not in the catalogue: {wanted.id!r} ({where})"
        elif message.fuzzy:
            yield f"fuzzy: {wanted.id!r}"
        elif not all(strings(message.string)):
            yield f"not translated: {wanted.id!r} ({where})"
        elif any(places(text) != places(strings(wanted.id)[-1]) for text in strings(message.string)):
            yield f"other places than the original: {wanted.id!r}"


def strings(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return a sentence, or its singular and plural, as a tuple."""
    return (text,) if isinstance(text, str) else tuple(text)


def places(text: str) -> frozenset[str]:
    """Return the names of the places that values fill."""
    return frozenset(PLACE.findall(text))


def fresh(language: str) -> Catalog:
    """Return a catalogue of the sentences as the sources have them now."""
    catalogue = Catalog(locale=language, project="yutang", fuzzy=False, charset="utf-8")
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html"), *SOURCE.rglob("*.sql")]):
        for message, context, where in found_in(path):
            catalogue.add(message, locations=[(where, 0)], context=context)
    return catalogue


def found_in(path: Path) -> Iterator[Message]:
    """Yield the sentences of one file: text or (singular, plural), context, place."""
    where = path.relative_to(SOURCE).as_posix()
    code = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        for grain in GRAIN.findall(code):
            yield " ".join(line.removeprefix("--").strip() for line in grain.splitlines()), None, where
        return
    if path.suffix == ".html":
        code = template_as_python(code)
    for _line, function, message, _comments in extract_python(io.BytesIO(code.encode()), KEYWORDS, (), {}):
        parts = message if isinstance(message, tuple) else (message,)
        if any(not isinstance(part, str) for part in parts[:2]):
            # A variable is translated here; its text is marked where it is written.
            continue
        if function.startswith("pgettext"):
            yield parts[1], parts[0], where
        elif function.startswith("ngettext"):
            yield (parts[0], parts[1]), None, where
        elif parts[0]:
            yield parts[0], None, where


def hidden_sentences(code: str) -> Iterator[tuple[int, str]]:
    """Yield line and fault of sentences that no reader of Python's tokens finds, because an f-string is around or in them."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.JoinedStr):
            for call in ast.walk(node):
                if is_marking(call) and any(isinstance(each, ast.Constant) for each in call.args):
                    yield call.lineno, "a sentence inside an f-string is not found: translate it outside"
        elif is_marking(node) and any(isinstance(each, ast.JoinedStr) for each in node.args):
            yield node.lineno, "an f-string is not the sentence that is in the catalogues: use %(name)s"


def is_marking(node: ast.AST) -> TypeGuard[ast.Call]:
    """Return whether a piece of code marks or translates a sentence."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in KEYWORDS


def template_as_python(code: str) -> str:
    """Return a template as Django sees it for translation: its sentences as calls of gettext."""
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
    # Django writes _(u'…') for a tag and gettext(u'…') for a block, which Babel's reader understands.
    return templatize(code)


def read(path: Path) -> Catalog:
    """Return a catalogue from disk; an empty one where there is none."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file)


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue lies."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / "django.po"


if __name__ == "__main__":
    main()
