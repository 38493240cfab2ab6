"""Refusals of the room."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchPlaybook(DomainError):
    """There is no such playbook."""

    code: ClassVar[str] = "no_such_playbook"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no playbook %(playbook)s.")


class PlaybookNameIsWrong(DomainError):
    """A name is missing, too long, or taken."""

    code: ClassVar[str] = "playbook_name_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("A playbook needs a name of at most 80 characters that no other playbook has.")


class PlaybookIsNotIn(DomainError):
    """Something is asked of a playbook that its state does not allow."""

    code: ClassVar[str] = "playbook_is_not_in_that_state"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(name)s” cannot do that now. Look at its state and try again.")


class PlaybookRunsAlready(DomainError):
    """It runs as it is written."""

    code: ClassVar[str] = "playbook_runs_already"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(name)s” runs already, as it is written (version %(version)s).")


class PlaybookWasChanged(DomainError):
    """Somebody changed what is being written after it was read."""

    code: ClassVar[str] = "playbook_was_changed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(name)s” was changed after you opened it. What you wrote still stands here and is not kept yet. "
        "Look in another window at what is kept now; saving once more puts yours in its place."
    )


class PlaybookIsInUse(DomainError):
    """Somebody has been in it: what was sent must stay explained."""

    code: ClassVar[str] = "playbook_is_in_use"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("People have been in “%(name)s”, so it is kept. Stop it instead.")


class StepsNeedRooms(DomainError):
    """A step needs a room that this version of Yutang does not have yet."""

    code: ClassVar[str] = "steps_need_rooms"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The step %(step)s (%(do)s) cannot be done yet: its room comes with a later version. Take the step out, or wait with the start."
    )


class StepIsNotReached(DomainError):
    """No way leads to a step."""

    code: ClassVar[str] = "step_is_not_reached"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("No way leads to the step %(step)s. Lead one there, or take the step out.")


class StepLacksTemplate(DomainError):
    """A step would send short messages that no gateway takes: it names no template of the gateway."""

    code: ClassVar[str] = "step_lacks_template"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "The step %(step)s cannot go out by SMS: a gateway sends only texts that it approved before, and this step names none. "
        "Choose a content with the code of an approved template, or another way."
    )


class PlaybookCannotStart(DomainError):
    """A schedule without an audience would let everybody in."""

    code: ClassVar[str] = "playbook_cannot_start"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("A playbook with a schedule needs an audience: say who may enter before it starts.")


class PartIsForOthers(DomainError):
    """A playbook about groups has a part for people, or the other way round."""

    code: ClassVar[str] = "playbook_part_is_for_others"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(place)s” does not go with a playbook about %(subject)s. Take it out, or let the playbook be about something else."
    )


class SubjectIsFixed(DomainError):
    """People were in it, and now it is to be about groups, or the other way round."""

    code: ClassVar[str] = "playbook_subject_is_fixed"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(name)s” ran about something else before. Write another playbook instead.")
