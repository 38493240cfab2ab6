"""The three rooms of the page: what came, a phone, and a mailbox, with what their owners do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from yutang.connectors.postbox.box import FAULTS, Postbox
from yutang.connectors.postbox.letters import Fate, Letter
from yutang.connectors.sandbox.markup import Html, Words, card, choice, field, form, joined, linked, table, tag, text
from yutang.kit.text import N_

_CHINA: Final = ZoneInfo("Asia/Shanghai")
_MOST_ROWS: Final = 30
#: Answers at hand, for which nobody has to type.
_ANSWERS: Final = ("好的，谢谢", "退订")
_FATES: Final[dict[Fate, str]] = {
    "": "",
    "bounced": N_("did not arrive"),
    "complained": N_("called spam"),
    "unsubscribed": N_("unsubscribed"),
    "answered": N_("answered"),
}


@dataclass(frozen=True)
class Place:
    """Where a view is: the postbox, the language, and whose phone or mailbox is looked at."""

    box: Postbox
    say: Words
    who: str


def overview(place: Place) -> Html:
    """Show what came lately, and what may go wrong."""
    say, box = place.say, place.box
    figures = [
        (say(N_("Short messages taken")), len(box.texts.sent)),
        (say(N_("of which arrived")), sum(box.has_arrived(n) is True for n in range(len(box.texts.sent)))),
        (say(N_("Answers by short message")), len(box.written)),
        (say(N_("Letters taken")), len(box.mail.letters)),
    ]
    return joined(
        (
            tag(
                "div",
                card(say(N_("What came")), table((say(N_("Figure")), say(N_("Count"))), figures, empty="")),
                card(say(N_("What may go wrong")), _faults(place)),
                class_="sandbox-grid",
            ),
            card(say(N_("Latest short messages")), _latest_texts(place)),
            card(say(N_("Latest letters")), _latest_letters(place)),
        )
    )


def phone(place: Place) -> Html:
    """Show a phone: what it got, what its owner wrote back; let them write, and be out of reach."""
    say, box = place.say, place.box
    phones = list(dict.fromkeys(one.phone for one in reversed(box.texts.sent)))
    who = place.who if place.who in phones else next(iter(phones), "")
    chosen = _chooser(place, "/phone", N_("Phone"), phones, who)
    if not who:
        return tag("div", chosen, card(say(N_("Messages")), tag("p", say(_NO_TEXTS), class_="muted")), class_="stack")
    return joined((tag("div", chosen, _write_back(place, who), class_="sandbox-grid"), _talk(place, who)))


def mailbox(place: Place) -> Html:
    """Show a mailbox: its letters, and what its owner or their server does with each."""
    say, box = place.say, place.box
    addresses = list(dict.fromkeys(one.to for one in reversed(box.mail.letters)))
    who = place.who if place.who in addresses else next(iter(addresses), "")
    chosen = _chooser(place, "/mailbox", N_("Mailbox"), addresses, who)
    if not who:
        return tag("div", chosen, card(say(N_("Letters")), tag("p", say(_NO_LETTERS), class_="muted")), class_="stack")
    letters = [one for one in reversed(box.mail.letters) if one.to == who][:_MOST_ROWS]
    is_closed = who in box.mail.closed
    order, label = ("mail/open", N_("Make it be there again")) if is_closed else ("mail/close", N_("Let it not exist"))
    state = N_("It does not exist: the mail server refuses what comes.") if is_closed else N_("It takes what comes.")
    back = _back("/mailbox", who)
    own = card(
        say(N_("The mailbox itself")),
        tag("p", say(state), class_="muted"),
        form(order, back=back, label=say(label), hidden={"address": who}),
    )
    shown = tag("div", *(_letter(place, one, back) for one in letters), class_="stack")
    return joined((tag("div", chosen, own, class_="sandbox-grid"), shown))


_NO_TEXTS: Final = N_("No short message came yet. Let a campaign or a playbook go by SMS in the console.")
_NO_LETTERS: Final = N_("No letter came yet. Let a campaign or a playbook go by e-mail in the console.")


def _faults(place: Place) -> Html:
    say = place.say
    rows = [
        (say(title), form("fault", back="/", label=say(N_("Let it")), hidden={"name": name}))
        for name, (title, _calls) in FAULTS.items()
    ]
    told = (say(N_("Fault")), say(N_("Actions")))
    again = form("fault/clear", back="/", label=say(N_("Let all go well again")))
    return joined((table(told, rows, empty=""), again))


def _latest_texts(place: Place) -> Html:
    say, box = place.say, place.box
    sent = box.texts.sent
    rows = [
        (
            _moment(one.at),
            tag("a", one.phone, href=_back("/phone", one.phone)),
            _says(box.words_of(one)),
            _arrival(place, number),
        )
        for number, one in reversed(list(enumerate(sent))[-_MOST_ROWS:])
    ]
    heads = (say(N_("Time")), say(N_("Phone")), say(N_("Message")), say(N_("State")))
    return table(heads, rows, empty=say(_NO_TEXTS))


def _latest_letters(place: Place) -> Html:
    say = place.say
    rows = [
        (
            _moment(one.at),
            tag("a", one.to, href=_back("/mailbox", one.to)),
            one.subject,
            say(_FATES[one.fate]) if one.fate else "",
        )
        for one in reversed(place.box.mail.letters[-_MOST_ROWS:])
    ]
    heads = (say(N_("Time")), say(N_("Mailbox")), say(N_("Subject")), say(N_("State")))
    return table(heads, rows, empty=say(_NO_LETTERS))


def _write_back(place: Place, who: str) -> Html:
    say, back = place.say, _back("/phone", who)
    quick = [
        form("phone/reply", back=back, label=words, hidden={"phone": who, "text": words}, kind="btn-ghost")
        for words in _ANSWERS
    ]
    is_off = who in place.box.texts.fates
    order, label = ("phone/on", N_("Can be reached again")) if is_off else ("phone/off", N_("Be out of reach"))
    return card(
        say(N_("Write back")),
        tag(
            "div",
            form(
                "phone/reply", field("text", say(N_("Your answer"))), back=back, label=say(N_("Write")),
                hidden={"phone": who}, kind="btn-primary",
            ),
            tag("div", *quick, class_="row row-wrap"),
            form(order, back=back, label=say(label), hidden={"phone": who}),
            class_="stack",
        ),
    )  # fmt: skip


def _talk(place: Place, who: str) -> Html:
    """Return what came and what was written back, latest first."""
    say, box = place.say, place.box
    came = [(one.at, n, one) for n, one in enumerate(box.texts.sent) if one.phone == who]
    told = [
        (at, (_moment(at), say(N_("The shop")), _says(box.words_of(one), is_linked=True), _arrival(place, n)))
        for at, n, one in came[-_MOST_ROWS:]
    ]
    mine = [(one.at, one.text) for one in box.written if one.phone == who][-_MOST_ROWS:]
    told += [(at, (_moment(at), say(N_("Me")), _says(words), Html(""))) for at, words in mine]
    rows = [row for _at, row in sorted(told, key=lambda one: one[0], reverse=True)]
    heads = (say(N_("Time")), say(N_("Sender")), say(N_("Message")), say(N_("State")))
    return card(say(N_("Messages")), table(heads, rows, empty=say(_NO_TEXTS)))


def _letter(place: Place, one: Letter, back: str) -> Html:
    say, key = place.say, {"letter": str(one.number)}
    state = tag("span", say(_FATES[one.fate]), class_="tag") if one.fate else ""
    acts = [
        form("mail/answer", field("text", say(N_("Your answer"))), back=back, label=say(N_("Write")), hidden=key),
        form("mail/unsubscribe", back=back, label=say(N_("Unsubscribe by one click")), hidden=key)
        if one.unsubscribe_url
        else "",
        form("mail/complain", back=back, label=say(N_("Call it spam")), hidden=key),
        form("mail/bounce", back=back, label=say(N_("Let it come back")), hidden=key),
    ]
    return card(
        one.subject or say(N_("Without a subject")),
        tag("p", _moment(one.at), " · ", one.sender, " ", state, class_="muted"),
        _says(one.text, is_linked=True),
        tag("div", *acts, class_="row row-wrap"),
    )


def _arrival(place: Place, number: int) -> Html:
    told = place.box.has_arrived(number)
    if told is None:
        return text(place.say(N_("on its way")))
    return text(place.say(N_("arrived") if told else N_("did not arrive")))


def _chooser(place: Place, path: str, label: str, options: Iterable[str], who: str) -> Html:
    say = place.say
    shown = list(options)[:_MOST_ROWS]
    if who and who not in shown:
        shown.insert(0, who)
    pick = choice("who", say(label), [(one, one) for one in shown], chosen=who)
    button = tag("button", say(N_("Look")), class_="btn btn-small btn-primary")
    asked = tag("form", pick, button, method="get", action=path, class_="row row-wrap")
    return card(say(N_("Whose is it?")), asked if shown else tag("p", say(N_("Nobody yet.")), class_="muted"))


def _says(words: str, *, is_linked: bool = False) -> Html:
    return tag("div", linked(words) if is_linked else words, class_="sandbox-says")


def _back(path: str, who: str) -> str:
    return f"{path}?who={quote(who)}" if who else path


def _moment(at: datetime) -> str:
    return f"{at.astimezone(_CHINA):%m-%d %H:%M:%S}"
