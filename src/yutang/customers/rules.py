"""Who is the same person: the rules, without a database (docs/decisions/0003-who-is-the-same-person.md)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

#: Accounts say who somebody is. The first that a row carries decides whose row it is.
ACCOUNT_KINDS = ("member_no", "unionid", "wecom", "openid", "nickname")
#: Accounts of which a person has only one within a scope; a nickname may be changed, so a row may bring a second one.
FIXED_ACCOUNT_KINDS = frozenset({"member_no", "unionid", "wecom", "openid"})
#: Accounts that are unique in the world; the others are unique within the scope of the file.
WORLDWIDE_KINDS = frozenset({"unionid", "wecom"})
#: Platforms on which the buyer's nickname is the name of an account. Elsewhere (Youzan, WeChat, the till) it is free text
#: that many people bear: it is shown and found, but tells nobody.
NICKNAME_PLATFORMS = frozenset({"taobao", "tmall", "jd", "alibaba_1688", "tiktok_shop", "pdd", "douyin", "woocommerce"})
#: A number that more people than this were seen with is nobody's key any more.
PEOPLE_PER_NUMBER = 3

_MASK = re.compile(r"[*●•○□×]+|(?<=[\u4e00-\u9fff])x+$")
_HONORIFIC = re.compile(r"(.{1,2}?)(先生|女士|小姐|太太|老师|老板|阿姨|叔叔|经理|某+|总)")
_TITLES_END = ("生", "士", "姐", "太", "师", "板", "姨", "叔", "理", "某", "总")
_NOBODY = frozenset(
    {"先生", "女士", "小姐", "匿名", "匿名用户", "匿名买家", "未知", "无", "顾客", "客户", "会员", "散客", "收货人"}
    | {"unknown", "guest", "anonymous", "n/a", "none", "null", "test", "测试"}
)
_HIDDEN = re.compile(r"[^\d+]+")
_CIPHERS = ("##", "$$", "~")
_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
#: Begins the word by which people of one birthday are found; a name holds no control character.
_BIRTHDAY = "\x1fbirthday:"
_EMAIL = re.compile(r"^[^@\s*]+@[^@\s*]+\.[^@\s*]+$")


@dataclass(frozen=True)
class SeenName:
    """A name as a row gives it.

    Attributes:
        clear: the whole name, normalised for comparing; empty when it is masked or missing.
        masked: the visible part with ``*`` for what is hidden; empty when the name is clear or missing.
    """

    clear: str = ""
    masked: str = ""


NO_NAME = SeenName()


@lru_cache(maxsize=65536)
def seen_name(text: str | None) -> SeenName:
    """Return what a cell tells of a name. A title instead of a given name (张先生) hides it as a mask does."""
    if not text:
        return NO_NAME
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    if not plain or plain in _NOBODY or plain.isdigit() or plain.startswith(_CIPHERS):
        return NO_NAME
    if _MASK.search(plain):
        visible = _MASK.sub("*", plain)
        return SeenName(masked=visible) if visible.strip("*") else NO_NAME
    titled = _HONORIFIC.fullmatch(plain) if plain.endswith(_TITLES_END) else None
    if titled:
        return SeenName(masked=f"{titled.group(1)}*")
    if len(plain) == 1:
        return SeenName(masked=f"{plain}*")
    return SeenName(clear=plain)


def mask_fits(masked: str, clear: str) -> bool:
    """Return whether a masked name can be the clear one; nothing known fits everything."""
    if not masked or not clear:
        return True
    return re.fullmatch(".+".join(re.escape(part) for part in masked.split("*")), clear) is not None


def number_fits(masked: str, phone: str) -> bool:
    """Return whether a masked number (186******05) can be the E.164 one: equal digits at both ends."""
    shown = _HIDDEN.split("".join(masked.split()))
    local = phone.removeprefix("+86")
    head, tail = shown[0].removeprefix("+86"), shown[-1]
    return len(shown) > 1 and len(head) + len(tail) >= 4 and local.startswith(head) and local.endswith(tail)


def is_usable_phone(text: str | None) -> bool:
    """Return whether the text is a whole phone number in E.164; the readers drop the rest, this is the second lock."""
    return bool(text) and _E164.match(text or "") is not None


def is_usable_email(text: str | None) -> bool:
    """Return whether the text is a whole, unmasked e-mail address."""
    return bool(text) and _EMAIL.match(text or "") is not None


def is_usable_account(text: str | None) -> bool:
    """Return whether the text can be an account: not masked, not encrypted (``##…``, ``$$…``), not empty."""
    return bool(text) and "*" not in (text or "") and not (text or "").startswith(_CIPHERS)


class Evidence(NamedTuple):
    """What one row says about the person besides the accounts.

    Attributes:
        name: the person's own name as far as the row tells it.
        shown: the name as written, for the profile.
        phone: the person's own number; empty when there is none, or when it may be somebody else's.
        phone_is_own: whether the number stands in the column of the person, not of the receiver.
        claimed: whether the name is the receiver's while an account says whose row it is: the parcel may be a gift.
        contact: (name, phone) of another person the goods went to, or None.
    """

    name: SeenName
    shown: str
    phone: str
    phone_is_own: bool = False
    claimed: bool = False
    contact: tuple[str, str] | None = None


def evidence_of(
    *,
    name: str | None,
    phone: str | None,
    phone_masked: str | None = None,
    receiver_name: str | None,
    receiver_phone: str | None,
    has_account: bool,
) -> Evidence:
    """Return what a row says about its own person, apart from a receiver who is somebody else.

    A receiver's number is the person's own only when the row has no number of the person and no name that differs
    from the receiver's. Where an account says who the person is, a receiver without a name proves nothing.

    Args:
        name: the person's name, or None.
        phone: the person's number in E.164, or None.
        phone_masked: the person's number as far as the file shows it, where it hides some of it.
        receiver_name: name on the parcel, or None.
        receiver_phone: number on the parcel in E.164, or None.
        has_account: whether the row has an account of the person.
    """
    own, other = seen_name(name), seen_name(receiver_name)
    contact = (receiver_name or "", receiver_phone) if receiver_phone else None
    if phone_masked and receiver_phone and not phone and not number_fits(phone_masked, receiver_phone):
        return Evidence(own, name or "", "", contact=contact)
    differs = bool(own.clear and other.clear and own.clear != other.clear)
    if phone:
        same = receiver_phone == phone and not differs
        if same and other != NO_NAME and not own.clear:
            claimed = has_account and bool(other.clear)
            return Evidence(other, receiver_name or "", phone, phone_is_own=True, claimed=claimed)
        return Evidence(own, name or "", phone, phone_is_own=True, contact=None if same else contact)
    if differs or not (mask_fits(own.masked, other.clear) and mask_fits(other.masked, own.clear)):
        return Evidence(own, name or "", "", contact=contact)
    if own.clear:
        return Evidence(own, name or "", receiver_phone or "")
    told, shown = (other, receiver_name) if other.clear or other.masked else (own, name)
    number = "" if has_account and not told.clear else receiver_phone or ""
    return Evidence(told, shown or "", number, claimed=has_account and bool(told.clear))


def parcel_of_account(receiver_name: str | None, receiver_phone: str | None) -> Evidence:
    """Return what `evidence_of` does for the commonest row of all: an account, a receiver, and nothing else of the person."""
    other = seen_name(receiver_name)
    if other.clear:
        return Evidence(other, receiver_name or "", receiver_phone or "", claimed=True)
    return Evidence(other, (receiver_name or "") if other.masked else "", "")


def home_of(province: str | None, city: str | None, district: str | None, address: str | None) -> str:
    """Return a whole address as it is compared; empty where the file shows none, or hides some of it."""
    if not address or "*" in address:
        return ""
    plain = "".join(address.split())
    return "".join(part for part in (province, city, district) if part and part not in plain) + plain


def is_account_nickname(scope: str) -> bool:
    """Return whether nicknames within the scope (``platform`` or ``platform:shop``) are accounts."""
    return scope.partition(":")[0] in NICKNAME_PLATFORMS


def birthday_word(month_and_day: str) -> str:
    """Return the word by which people are found whose birthday (``05-17``) it is; no name looks like it."""
    return f"{_BIRTHDAY}{month_and_day}"


def pieces_of(word: str) -> set[str]:
    """Return the characters and pairs of characters by which a name is found, at most the first 16 count; other words are one piece."""
    if word.startswith(_BIRTHDAY):
        return {word}
    return name_pieces(word)


def name_pieces(clear: str) -> set[str]:
    """Return the characters and pairs of characters by which a name is found; at most the first 16 characters count."""
    start = clear[:16]
    return set(start) | {start[i : i + 2] for i in range(len(start) - 1)}
