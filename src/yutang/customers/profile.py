"""The sealed record of a person: its shape, how it grows and joins, and how much of it a screen shows.

A record is a JSON object; what is not known is absent::

    {"name": "张三", "masked_name": "张*", "other_names": ["张叁"], "phones": ["+86138…"], "emails": ["a@example.com"],
     "accounts": [["nickname", "taobao:shop", "tb_zhang"], …],
     "nicknames": ["free text"], "homes": ["浙江省杭州市…"], "devices": ["…"], "gender": "f", "birthday": "1990-01-31",
     "region": {"country", "province", "city", "district", "address", "at"}, "contacts": [["李四", "+86139…"]],
     "claims": [["张三", "+86138…", 1773194400000000]], "note": "…"}

A claim is a receiver of the person's parcels seen at one instant: who it is shows when it is seen a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yutang.customers.rules import birthday_word, seen_name
from yutang.kit.text import N_, Sentence

Record = dict[str, Any]

_LISTS = ("other_names", "phones", "emails", "accounts", "devices", "contacts", "claims", "nicknames", "homes")
_SINGLES = ("name", "masked_name", "gender", "birthday", "note")
_REGION = ("country", "province", "city", "district", "address")
#: Other people's numbers are kept only as far as they help to serve the person.
MOST_CONTACTS = 10
_MOST_CLAIMS = 10
#: Free nicknames and addresses, by which somebody without a name is told among those who share a number.
MOST_MARKS = 10
LONGEST_NOTE = 500
_GENDERS = {"男": "m", "male": "m", "m": "m", "先生": "m", "女": "f", "female": "f", "f": "f", "女士": "f"}


def add_to(record: Record, field: str, value: Any, *, most: int | None = None) -> bool:
    """Add a value to a list of the record; return whether the record changed."""
    values = record.get(field)
    if values is None:
        record[field] = [value]
        return True
    if value in values or (most is not None and len(values) >= most):
        return False
    values.append(value)
    return True


def set_once(record: Record, field: str, value: Any) -> bool:
    """Set a value that is not known yet; return whether the record changed."""
    if not value or record.get(field):
        return False
    record[field] = value
    return True


def confirm_claim(record: Record, *, name: str, shown: str, phone: str, at: int | None) -> bool:
    """Note a receiver, and return whether one of the same name was noted at another instant before.

    Args:
        record: the person's record; changed in place.
        name: the receiver's name, normalised.
        shown: the name as written.
        phone: the receiver's number in E.164, or empty.
        at: when. Microseconds since 1970 UTC; None when the row does not say, which confirms nothing.
    """
    if not record.get("claims"):
        record["claims"] = [[shown, phone, at]]
        return False
    same_name = [claim for claim in record["claims"] if seen_name(claim[0]).clear == name]
    if at is not None and any(claim[2] not in (None, at) for claim in same_name):
        drop_claim(record, name=name, phone=phone)
        return True
    if not any(claim[1] == phone for claim in same_name):
        add_to(record, "claims", [shown, phone, at], most=_MOST_CLAIMS)
    return False


def drop_claim(record: Record, *, name: str, phone: str) -> bool:
    """Forget that somebody was a receiver only: it is the person; return whether the record changed."""
    claims = record.get("claims")
    if not claims:
        return False
    rest = [claim for claim in claims if claim[1] not in ("", phone) or seen_name(claim[0]).clear != name]
    _put(record, "claims", rest)
    return len(rest) < len(claims)


def _settle_claims(record: Record) -> None:
    """Forget the receivers who turned out to be the person, when two became one: the name and the number are known."""
    if "claims" in record and record.get("name"):
        own_name, numbers = seen_name(record["name"]).clear, ("", *record.get("phones", ()))
        open_claims = [c for c in record["claims"] if c[1] not in numbers or seen_name(c[0]).clear != own_name]
        _put(record, "claims", open_claims)


def gender_of(text: str | None) -> str:
    """Return ``"m"``, ``"f"`` or empty for what a file says about gender."""
    return _GENDERS.get((text or "").strip().lower(), "")


def set_region(record: Record, parts: Sequence[str | None], *, at: int | None) -> bool:
    """Set where the person lives when it is newer than what is known.

    Args:
        record: the person's record; changed in place.
        parts: country, province, city, district, address.
        at: when it was seen. Microseconds since 1970 UTC; None when the file does not say.

    Returns:
        Whether the record changed.
    """
    known = record.get("region")
    if known is not None and (at is None or known.get("at", -1) >= at):
        return False
    region = {field: part for field, part in zip(_REGION, parts, strict=True) if part}
    if not region:
        return False
    if at is not None:
        region["at"] = at  # type: ignore[assignment]
    record["region"] = region
    return known != region


def joined(winner: Record, loser: Record) -> Record:
    """Return the record of two that turned out to be one person; where both know something, the winner's stands."""
    whole: Record = {**winner}
    for field in _SINGLES:
        set_once(whole, field, loser.get(field))
    for field in _LISTS:
        more = [v for v in loser.get(field, ()) if v not in winner.get(field, ())]
        if more:
            whole[field] = [*winner.get(field, ()), *more]
    name = loser.get("name")
    if name and name != whole["name"] and name not in whole.get("other_names", ()):
        whole["other_names"] = [*whole.get("other_names", ()), name]
    _settle_claims(whole)
    theirs = loser.get("region")
    if theirs and theirs.get("at", -1) > winner.get("region", {}).get("at", -2):
        whole["region"] = theirs
    return whole


def marks_of(record: Record) -> dict[str, set[tuple[str, str]]]:
    """Return what tells a person from another, whole: values with their scope, by ``name``, ``city`` or kind of identifier."""
    marks: dict[str, set[tuple[str, str]]] = {}
    known = [(kind, scope, value) for kind, scope, value in record.get("accounts", ())]
    names = (record.get("name"), *record.get("other_names", ()))
    known += [("name", "", seen_name(name).clear or name) for name in names if name]
    known += [("phone", "", value) for value in phones_of(record)]
    known += [("email", "", value.casefold()) for value in record.get("emails", ())]
    known += [("nickname", "", value) for value in record.get("nicknames", ())]
    known += [("device", "", value) for value in record.get("devices", ())]
    known += [("city", "", value) for value in (record.get("region", {}).get("city"),) if value]
    for kind, scope, value in known:
        marks.setdefault(kind, set()).add((scope, value))
    return marks


def agreeing(first: dict[str, set[tuple[str, str]]], second: dict[str, set[tuple[str, str]]]) -> frozenset[str]:
    """Return the kinds of marks of which two people have one in common."""
    return frozenset(kind for kind, values in first.items() if values & second.get(kind, set()))


def without(current: Record, loser: Record, before: Record) -> Record:
    """Return the winner's record after a merge is undone, keeping what was learnt since.

    Args:
        current: the winner's record now.
        loser: the record that was joined to it.
        before: the winner's record before the merge.
    """
    rest: Record = {**current}
    for field in (*_SINGLES, "region"):
        if current.get(field) == loser.get(field) and before.get(field) != loser.get(field):
            _put(rest, field, before.get(field))
    brought = {field: [v for v in loser.get(field, ()) if v not in before.get(field, ())] for field in _LISTS}
    if loser.get("name") and loser["name"] not in before.get("other_names", ()):
        brought["other_names"].append(loser["name"])
    for field in _LISTS:
        _put(rest, field, [v for v in current.get(field, ()) if v not in brought[field]])
    return rest


def _put(record: Record, field: str, value: Any) -> None:
    if value:
        record[field] = value
    else:
        record.pop(field, None)


def phones_of(record: Record) -> list[str]:
    """Return the person's numbers, and those of receivers who may be the person."""
    claimed = [phone for _, phone, _ in record.get("claims", ()) if phone]
    return list(dict.fromkeys([*record.get("phones", ()), *claimed]))


def names_of(record: Record) -> set[str]:
    """Return all names by which a person is found, normalised."""
    shown = [record.get("name"), *record.get("other_names", ()), *(claim[0] for claim in record.get("claims", ()))]
    return {clear for name in shown if (clear := seen_name(name).clear)}


def words_of(record: Record) -> set[str]:
    """Return all by which a person is found without a key: the names, and the birthday."""
    birthday = record.get("birthday")
    return names_of(record) | ({birthday_word(birthday[5:])} if birthday else set())


def matches(record: Record, wanted: str) -> bool:
    """Return whether a name holds the wanted text, or a whole number or account is it."""
    if any(wanted in name for name in names_of(record)):
        return True
    known = [*(value for _, _, value in record.get("accounts", ())), *record.get("nicknames", ())]
    return any(seen_name(value).clear == wanted or value == wanted for value in known)


def masked_name(name: str) -> str:
    """Return the name with all but its first character hidden: 张三 becomes 张*, Robert Allen becomes R*** A***."""
    words = name.split()
    if len(words) > 1:
        return " ".join(f"{word[0]}***" for word in words)
    return f"{name[0]}{'*' * min(len(name) - 1, 3)}" if len(name) > 1 else name


def masked_phone(phone: str) -> str:
    """Return the number with its middle hidden: +8613800138000 becomes 138****8000."""
    local = phone.removeprefix("+86") if len(phone) == 14 else phone
    return f"{local[:3]}****{local[-4:]}" if len(local) >= 9 else f"{local[:2]}****"


def masked_email(email: str) -> str:
    """Return the address with its mailbox hidden but for the first character: z***@example.com."""
    mailbox, at, domain = email.partition("@")
    return f"{mailbox[:1]}***{at}{domain}"


def masked_account(value: str) -> str:
    """Return an account name or number with its middle hidden: 17850 becomes 1***0."""
    return f"{value[0]}***{value[-1]}" if len(value) > 2 else f"{value[:1]}***"


def masked_address(region: dict[str, Any]) -> str:
    """Return where the person lives down to the district, without the address."""
    return " ".join(str(region[f]) for f in _REGION[:-1] if region.get(f))


def display_name(record: Record, customer_id: int, *, clear: bool) -> Sentence | str:
    """Return what a screen calls the person: the name, else a nickname, else a member number, else "Customer #id".

    Args:
        record: the person's record.
        customer_id: the person's key.
        clear: whether the reader may see personal data unmasked.
    """
    claimed = record.get("claims") or [[""]]
    name = record.get("name") or claimed[0][0]
    if name:
        return str(name) if clear else masked_name(name)
    if record.get("masked_name"):
        return str(record["masked_name"])
    accounts = {kind: value for kind, _scope, value in reversed(record.get("accounts", ())) if value}
    for nickname in record.get("nicknames", ()):
        accounts.setdefault("nickname", nickname)
    for kind in ("nickname", "member_no"):
        if kind in accounts:
            return str(accounts[kind]) if clear else masked_account(accounts[kind])
    return Sentence(N_("Customer #%(id)s"), {"id": customer_id})
