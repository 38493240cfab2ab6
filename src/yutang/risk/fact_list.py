"""The facts that rules may speak of, with the words by which people read them."""

from __future__ import annotations

from dataclasses import dataclass

from yutang.kit.registry import Registry
from yutang.kit.text import N_


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that rules may speak of.

    Attributes:
        name: how rules call it.
        title: what a person reads in the editor, marked with `N_`.
        reason: why an ask was stopped, with ``%(n)s``, marked with `N_`; empty where the fact alone is no reason. A whole sentence: it
            stands alone in lists.
        unit: ``people``, ``times``, ``percent``, ``days``, ``fen``, ``points``, or ``hundredths``: 233 stands for 2.33 people to a thing.
        speaks: ``>=`` where a high number speaks against somebody, ``<=`` where a low one does; the reason is true only so.
        is_window: whether it is counted in a window, of which no more than `facts.MOST_SEEN` traces are read.
    """

    name: str
    title: str
    reason: str
    unit: str = "people"
    speaks: str = ">="
    is_window: bool = False


FACTS: Registry[Fact] = Registry(what="facts of the guard", name_of=lambda one: one.name)

for _fact in (
    Fact(
        "person_hour",
        N_("Asks of this person within an hour"),
        N_("This customer asked %(n)s times within an hour."),
        "times",
        is_window=True,
    ),
    Fact(
        "person_day",
        N_("Asks of this person within a day"),
        N_("This customer asked %(n)s times within a day."),
        "times",
        is_window=True,
    ),
    Fact(
        "device_hour",
        N_("Asks from this device within an hour"),
        N_("%(n)s asks came from this device within an hour."),
        "times",
        is_window=True,
    ),
    Fact(
        "device_people",
        N_("People on this device within 30 days"),
        N_("%(n)s people used this device within 30 days."),
        is_window=True,
    ),
    Fact(
        "device_row",
        N_("People on this device within 5 minutes who never bought"),
        N_("%(n)s people who never bought asked from this device within 5 minutes, this customer included."),
        is_window=True,
    ),
    Fact(
        "device_row_hour",
        N_("People on this device within an hour who never bought"),
        N_("%(n)s people who never bought asked from this device within an hour, this customer included."),
        is_window=True,
    ),
    Fact(
        "device_row_day",
        N_("People on this device within a day who never bought"),
        N_("%(n)s people who never bought asked from this device within a day, this customer included."),
        is_window=True,
    ),
    Fact(
        "payer_hour",
        N_("Asks with this payment account within an hour"),
        N_("%(n)s asks came with this payment account within an hour."),
        "times",
        is_window=True,
    ),
    Fact(
        "payer_people",
        N_("People with this payment account within 30 days"),
        N_("%(n)s people asked with this payment account within 30 days."),
        is_window=True,
    ),
    Fact(
        "place_people",
        N_("People at this postal address within 30 days"),
        N_("%(n)s people gave this postal address within 30 days, however it was written."),
        is_window=True,
    ),
    Fact(
        "place_strangers",
        N_("People at this postal address who never bought"),
        N_("%(n)s people who never bought gave this postal address within 30 days, however it was written."),
        is_window=True,
    ),
    Fact(
        "address_hour",
        N_("People at this network address within an hour"),
        N_("%(n)s people came from this network address within an hour."),
        is_window=True,
    ),
    Fact(
        "block_hour",
        N_("People in this block of network addresses within an hour"),
        N_("%(n)s people came from this block of network addresses within an hour."),
        is_window=True,
    ),
    Fact(
        "block_asleep",
        N_("People of this block within a day who slept for long"),
        N_(
            "%(n)s people behind this block of network addresses, known for long without a purchase, asked within a day."
        ),
    ),
    Fact(
        "near_people",
        N_("People who share device, account or postal address"),
        N_("%(n)s people, this customer included, share a device, a payment account or a postal address."),
    ),
    Fact(
        "near_strangers",
        N_("People who never bought and share device, account or postal address"),
        N_(
            "%(n)s people who never bought, this customer included, share a device, a payment account or a postal address."
        ),
    ),
    Fact(
        "near_per_device",
        N_("People to a device, of those who share something"),
        N_("Those who share things with this customer use few devices: %(n)s people to each on average."),
        "hundredths",
    ),
    Fact(
        "near_per_payer",
        N_("People to a payment account, of those who share something"),
        N_("Those who share things with this customer use few payment accounts: %(n)s people to each on average."),
        "hundredths",
    ),
    Fact("near_buyer_percent", N_("Share of those who share something that has bought"), "", "percent"),
    Fact(
        "near_hour",
        N_("People who share something, within an hour"),
        N_("%(n)s of the people who share a device, a payment account or a postal address asked within an hour."),
    ),
    Fact(
        "self_device",
        N_("Inviter and invited on the same device"),
        N_("The inviter and the invited use the same device."),
        "times",
    ),
    Fact(
        "self_payer",
        N_("Inviter and invited with the same payment account"),
        N_("The inviter and the invited pay from the same account."),
        "times",
    ),
    Fact(
        "inviter_hour",
        N_("People brought by the inviter within an hour"),
        N_("The inviter brought %(n)s people within an hour."),
        is_window=True,
    ),
    Fact(
        "inviter_month",
        N_("People brought by the inviter within 30 days"),
        N_("The inviter brought %(n)s people within 30 days."),
        is_window=True,
    ),
    Fact(
        "inviter_left_percent",
        N_("Share of the inviter’s people who left at once"),
        N_("Of those whom the inviter brought, as far as it is known, %(n)s percent left at once."),
        "percent",
    ),
    Fact("inviter_score", N_("Security score of the inviter"), "", "points"),
    Fact("ring", N_("People in a ring of invitations"), N_("%(n)s people invited each other in a ring.")),
    Fact(
        "group_people",
        N_("People in the community by shared things"),
        N_("%(n)s people form the community around this ask by shared devices, accounts and addresses."),
    ),
    Fact(
        "group_strangers_percent",
        N_("Share of the community that never bought"),
        N_("Of the community around this ask, %(n)s percent never bought."),
        "percent",
    ),
    Fact(
        "group_shared_percent",
        N_("Share of the community that shares a device or account"),
        N_("Of the community around this ask, %(n)s percent share a device or a payment account."),
        "percent",
    ),
    Fact(
        "group_left_percent",
        N_("Share of the community that left at once"),
        N_("Of the community around this ask, as far as it is known, %(n)s percent left at once."),
        "percent",
    ),
    Fact(
        "group_stopped_percent",
        N_("Share of the community that was refused"),
        N_("Of the community around this ask, %(n)s percent were refused before."),
        "percent",
    ),
    Fact(
        "joined_people",
        N_("People connected by chains of shared things"),
        N_("%(n)s people are connected with this ask by chains of shared devices, accounts and addresses."),
    ),
    Fact(
        "joined_shared_percent",
        N_("Share of the connected that shares a device or account"),
        N_(
            "Of the people connected with this ask by chains of shared things, %(n)s percent share a device or a payment account."
        ),
        "percent",
    ),
    Fact(
        "joined_strangers_percent",
        N_("Share of the connected that never bought"),
        N_("Of the people connected with this ask by chains of shared things, %(n)s percent never bought."),
        "percent",
    ),
    Fact(
        "joined_per_device",
        N_("People to a device among the connected"),
        N_(
            "The people connected with this ask by chains of shared things use few devices: %(n)s people to each on average."
        ),
        "hundredths",
    ),
    Fact(
        "joined_per_payer",
        N_("People to a payment account among the connected"),
        N_(
            "The people connected with this ask by chains of shared things use few payment accounts: %(n)s people to each on average."
        ),
        "hundredths",
    ),
    Fact(
        "account_days",
        N_("Days since the person is known"),
        N_("This account has been known for %(n)s days only."),
        "days",
        speaks="<=",
    ),
    Fact("orders", N_("Paid orders of the person, counted to 5"), "", "times"),
    Fact(
        "own_left",
        N_("Times that the person left at once"),
        N_("This customer left at once %(n)s times before."),
        "times",
    ),
    Fact(
        "own_stopped",
        N_("Times that the person was refused"),
        N_("This customer was refused %(n)s times before."),
        "times",
    ),
    Fact(
        "score",
        N_("Security score of the person"),
        N_("The security score of this customer is %(n)s of 100."),
        "points",
        speaks="<=",
    ),
    Fact("value_fen", N_("Value of what is asked for"), "", "fen"),
):
    FACTS.register(_fact)
