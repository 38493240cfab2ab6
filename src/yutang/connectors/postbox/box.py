"""The postbox: what phones and mailboxes got, and what is done with it, as orders by name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import urllib3

from yutang.connectors.postbox.letters import Letter, Mailroom, answer_of, bounce_of, complaint_of
from yutang.connectors.sms.simulator import Fault, PushNotTaken, SentMessage, SmsSimulator
from yutang.kit.text import N_

#: Short messages that are kept; older ones are forgotten.
MOST_TEXTS: Final = 2_000
#: An operator tells after so long that a phone has a message.
RECEIPT_AFTER: Final = timedelta(seconds=2)
_SECONDS, _EVERY = 10.0, 1.0
#: What an operator says of a phone that is out of reach.
_OUT_OF_REACH: Final = "MK:0001"
LONGEST_TEXT: Final = 500
#: What may go wrong, by name: what is said of it, and what happens to calls of the gateway. Mail is named beside.
FAULTS: Mapping[str, tuple[str, tuple[Fault, ...]]] = {
    "sms_busy": (N_("The gateway is busy for three calls"), ("busy",) * 3),
    "sms_lost": (N_("An answer of the gateway cannot be read"), ("garbled",)),
    "mail_busy": (N_("The mail server puts off five letters"), ()),
}
_PUT_OFF: Final = 5


class NotPossible(Exception):
    """What was ordered cannot be done; its first argument says why, marked with `N_`."""


@dataclass(frozen=True)
class Home:
    """Where the shop takes what comes back.

    Attributes:
        base: address of the shop on this machine, such as ``http://127.0.0.1:8000``.
        texts: path of receipts and replies, with ``{gateway}`` and ``{what}`` in it.
        mail: path of mail that comes back.
    """

    base: str
    texts: str = field(repr=False)
    mail: str = field(repr=False)


@dataclass(frozen=True)
class Written:
    """What the owner of a phone wrote back."""

    phone: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


#: Returns the words of short messages, as their phones show them, by key; those that nobody knows are left out. A gateway is told
#: the code of a text and its values alone.
Words = Callable[[Sequence[SentMessage]], Mapping[str, str]]


def _no_words(messages: Sequence[SentMessage]) -> Mapping[str, str]:
    """Return nothing: the words are not known."""
    return {}


class Postbox:
    """Phones and mailboxes behind one account.

    Args:
        key_id: of the account with the gateway.
        secret: of it.
        home: where the shop takes what comes back.
        words: of short messages.
        now: the clock.
    """

    def __init__(
        self,
        *,
        key_id: str,
        secret: str,
        home: Home,
        words: Words = _no_words,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.home, self.now = home, now
        self._words = words
        self.texts = SmsSimulator(key_id=key_id, secret=secret, push_to=home.base + home.texts, now=now)
        self.mail = Mailroom(now=now)
        self.written: list[Written] = []
        #: Words of short messages by key.
        self.said: dict[str, str] = {}
        #: Numbers, of the gateway, of messages that did not arrive.
        self.lost: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="receipts", daemon=True)
        self._orders: Mapping[str, Callable[[Mapping[str, str]], str]] = {
            "phone/reply": self._reply,
            "phone/off": self._off,
            "phone/on": self._on,
            "mail/answer": self._answer,
            "mail/bounce": self._bounce,
            "mail/complain": self._complain,
            "mail/unsubscribe": self._unsubscribe,
            "mail/close": self._close,
            "mail/open": self._open,
            "fault": self._fault,
            "fault/clear": self._clear,
        }

    def start(self) -> Postbox:
        """Tell from now on what arrived; return itself."""
        self._thread.start()
        return self

    def end(self) -> None:
        """Tell no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def order(self, name: str, told: Mapping[str, str]) -> str:
        """Carry an order out and return what came of it, marked with `N_`.

        Raises:
            KeyError: there is no such order, or it lacks a value.
            NotPossible: it cannot be done.
        """
        return self._orders[name](told)

    def words_of(self, message: SentMessage) -> str:
        """Return a short message as its phone shows it; without its words where they are not known."""
        said = self.said.get(message.key) or " · ".join((message.template, *message.values))
        return f"【{message.sign}】{said}"

    def has_arrived(self, number: int) -> bool | None:
        """Return what the operator told of the short message at a place; None before it told."""
        if number >= self.texts.told:
            return None
        return self.texts.sent[number].gateway_id not in self.lost

    def tell_what_arrived(self) -> int:
        """Push receipts of what was taken long enough ago, and forget the oldest; return how many were told."""
        sent = self.texts.sent
        if len(sent) == self.texts.told or sent[-1].at > self.now() - RECEIPT_AFTER:
            return 0
        fresh = sent[self.texts.told :]
        self.said |= self._words(fresh)
        lost = {one.gateway_id for one in fresh if one.phone in self.texts.fates}
        done = self.texts.push_receipts()
        self.texts.forget(most=MOST_TEXTS)
        kept = list(sent)
        self.lost = (self.lost | lost) & {one.gateway_id for one in kept}
        self.said = {one.key: self.said[one.key] for one in kept if one.key in self.said}
        return done

    def _tell(self) -> None:
        while not self._ended.wait(_EVERY):
            try:
                self.tell_what_arrived()
            except PushNotTaken:
                # The shop is not up yet, or again: the receipts are told the next time.
                continue

    def _reply(self, told: Mapping[str, str]) -> str:
        phone, text = told["phone"], told["text"].strip()[:LONGEST_TEXT]
        if not text:
            raise NotPossible(N_("there are no words"))
        if not any(one.phone == phone for one in self.texts.sent):
            raise NotPossible(N_("this phone has no messages"))
        self._pushed(lambda: self.texts.reply(phone=phone, text=text, gateway="aliyun"))
        self.written = [*self.written, Written(phone, text, self.now())][-MOST_TEXTS:]
        return N_("The shop has the answer.")

    def _off(self, told: Mapping[str, str]) -> str:
        self.texts.fates[told["phone"]] = _OUT_OF_REACH
        return N_("The phone is out of reach: what comes from now on does not arrive.")

    def _on(self, told: Mapping[str, str]) -> str:
        self.texts.fates.pop(told["phone"], None)
        return N_("The phone can be reached again.")

    def _answer(self, told: Mapping[str, str]) -> str:
        letter, text = self._letter(told), told["text"].strip()[:LONGEST_TEXT]
        if not text:
            raise NotPossible(N_("there are no words"))
        self._posted(answer_of(letter, text=text, at=self.now()))
        self.mail.note(letter.number, "answered")
        return N_("The shop has the answer.")

    def _bounce(self, told: Mapping[str, str]) -> str:
        letter = self._letter(told)
        self._posted(bounce_of(letter, at=self.now()))
        self.mail.note(letter.number, "bounced")
        return N_("The shop was told that the letter did not arrive.")

    def _complain(self, told: Mapping[str, str]) -> str:
        letter = self._letter(told)
        self._posted(complaint_of(letter, at=self.now()))
        self.mail.note(letter.number, "complained")
        return N_("The shop was told that the letter is called spam.")

    def _unsubscribe(self, told: Mapping[str, str]) -> str:
        letter = self._letter(told)
        if not letter.unsubscribe_url:
            raise NotPossible(N_("the letter names no page for it"))
        # By its path alone: a sandbox asks nobody but its own shop.
        path = urlsplit(letter.unsubscribe_url).path
        self._asked(path, b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
        self.mail.note(letter.number, "unsubscribed")
        return N_("The shop was told, by one click, to write no more.")

    def _close(self, told: Mapping[str, str]) -> str:
        self.mail.closed.add(told["address"].lower())
        return N_("The mailbox does not exist any more.")

    def _open(self, told: Mapping[str, str]) -> str:
        self.mail.closed.discard(told["address"].lower())
        return N_("The mailbox is there again.")

    def _fault(self, told: Mapping[str, str]) -> str:
        _title, faults = FAULTS[told["name"]]
        self.texts.faults.extend(faults)
        if not faults:
            self.mail.busy += _PUT_OFF
        return N_("It will go wrong.")

    def _clear(self, _told: Mapping[str, str]) -> str:
        self.texts.faults.clear()
        self.mail.busy = 0
        return N_("All goes well again.")

    def _letter(self, told: Mapping[str, str]) -> Letter:
        number = told["letter"]
        found = self.mail.letter(int(number)) if number.isascii() and number.isdecimal() else None
        if found is None:
            raise NotPossible(N_("the letter is not there any more"))
        return found

    def _pushed(self, push: Callable[[], None]) -> None:
        try:
            push()
        except PushNotTaken as error:
            raise NotPossible(N_("the shop does not answer")) from error

    def _posted(self, mail: bytes) -> None:
        self._asked(self.home.mail, mail, "message/rfc822")

    def _asked(self, path: str, body: bytes, kind: str) -> None:
        try:
            answer = urllib3.request(
                "POST",
                f"{self.home.base}{path}",
                body=body,
                headers={"Content-Type": kind},
                retries=False,
                timeout=_SECONDS,
            )
        except urllib3.exceptions.HTTPError as error:
            raise NotPossible(N_("the shop does not answer")) from error
        if answer.status != 200:
            raise NotPossible(N_("the shop did not take it"))
