"""What the room refuses, and what the caller can do about it."""

from __future__ import annotations

from typing import ClassVar

from yutang.kit.errors import DomainError
from yutang.kit.text import N_


class NoSuchCode(DomainError):
    """There is no such channel code within reach."""

    code: ClassVar[str] = "no_such_channel_code"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_(
        "There is no channel code %(code_id)s within your reach. The page of channel codes lists them."
    )


class NoSuchSpot(DomainError):
    """The code is not printed there."""

    code: ClassVar[str] = "no_such_spot"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("The code has no place %(spot_id)s. Its page lists the places where it is printed.")


class NoSuchCost(DomainError):
    """There is no such cost of the code."""

    code: ClassVar[str] = "no_such_cost"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("The code has no cost %(cost_id)s. Its page lists what was paid.")


class CodeIsWrong(DomainError):
    """A channel code cannot be like this."""

    code: ClassVar[str] = "channel_code_is_wrong"
    http_status: ClassVar[int] = 422
    message: ClassVar[str] = N_("“%(field)s” cannot be “%(written)s”: %(expected)s")


class NameIsTaken(DomainError):
    """Another code is called so."""

    code: ClassVar[str] = "channel_code_name_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("Another channel code is called “%(name)s” already. Choose another name.")


class SpotIsTaken(DomainError):
    """The code is printed there already."""

    code: ClassVar[str] = "spot_is_taken"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_("“%(name)s” stands among the places of this code already.")


class CodeIsPaused(DomainError):
    """The guard of the economics holds the code."""

    code: ClassVar[str] = "channel_code_is_paused"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "“%(name)s” is paused: a newcomer who stays costs more than one is worth. Lift the pause on the page of the economics first."
    )


class PrintedCodeIsUnknown(DomainError):
    """Nothing was printed with this address."""

    code: ClassVar[str] = "printed_code_is_unknown"
    http_status: ClassVar[int] = 404
    message: ClassVar[str] = N_("There is no channel code behind this address.")


class AddressIsUnknown(DomainError):
    """This installation does not know under which address people reach it."""

    code: ClassVar[str] = "public_address_is_unknown"
    http_status: ClassVar[int] = 409
    message: ClassVar[str] = N_(
        "A printed code leads to the address of this installation, and that is not set. Set YUTANG_PUBLIC_URL to the address at which "
        "people reach it, such as https://pond.example.com; to try it with “yutang up”, to the one that it prints, such as "
        "http://127.0.0.1:8000."
    )
