"""Sentences of the product: find them, write them into the catalogues, check that both languages are complete, compile.

Commands: update, check, compile. Found are `gettext` and its kin, `N_` and `_` in Python, `{% trans %}`, `{% translate %}`
and `{% blocktranslate %}` in templates. Only Babel is needed, no gettext program.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

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
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]):
        for message, context, where in found_in(path):
            catalogue.add(message, locations=[(where, 0)], context=context)
    return catalogue


def found_in(path: Path) -> Iterator[Message]:
    """Yield the sentences of one file: text or (singular, plural), context, place."""
    where = path.relative_to(SOURCE).as_posix()
    code = path.read_text(encoding="utf-8")
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
