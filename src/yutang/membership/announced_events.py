"""What the room of prepaid balances tells other systems, and playbooks."""

from yutang.foundation.announced import ANNOUNCED, AnnouncedEvent
from yutang.kit.text import N_
from yutang.membership.events import PrincipalRefunded, Spent, ToppedUp

for _event, _title in (
    (ToppedUp, N_("Somebody topped up a prepaid balance")),
    (Spent, N_("Somebody paid with a prepaid balance")),
    (PrincipalRefunded, N_("A prepaid balance was paid out")),
):
    ANNOUNCED.register(AnnouncedEvent(_event, _title, permission="membership.view", people=("customer_id",)))
