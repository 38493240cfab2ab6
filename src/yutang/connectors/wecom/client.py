"""The client of one app: everything that it may ask of WeCom, by what it is about."""

from __future__ import annotations

from yutang.connectors.wecom.api.acquisition import AcquisitionLinks
from yutang.connectors.wecom.api.customers import Customers
from yutang.connectors.wecom.api.groups import Groups, Statistics
from yutang.connectors.wecom.api.handover import Handovers
from yutang.connectors.wecom.api.mass import MassMessages
from yutang.connectors.wecom.api.media import Media
from yutang.connectors.wecom.api.moments import Moments
from yutang.connectors.wecom.api.staff import StaffMessages
from yutang.connectors.wecom.api.tags import Tags
from yutang.connectors.wecom.api.ways import ContactWays, JoinWays
from yutang.connectors.wecom.api.welcome import Welcomes
from yutang.connectors.wecom.calling import Caller
from yutang.connectors.wecom.clock import Clock
from yutang.connectors.wecom.ledgers import Ledger
from yutang.connectors.wecom.settings import WeComSettings
from yutang.connectors.wecom.tokens import TokenStore


class WeCom:
    """One app of one corp; shared by threads.

    Args:
        settings: which app, where, how often.
        tokens: where tokens lie for all who share them; this process alone when left out.
        ledger: counts calls for all who share it; this process alone when left out.
        clock: what time it is.
    """

    def __init__(
        self,
        *,
        settings: WeComSettings,
        tokens: TokenStore | None = None,
        ledger: Ledger | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings
        self.caller = Caller(settings=settings, tokens=tokens, ledger=ledger, clock=clock)
        self.contact_ways = ContactWays(self.caller)
        self.join_ways = JoinWays(self.caller)
        self.customers = Customers(self.caller)
        self.tags = Tags(self.caller)
        self.groups = Groups(self.caller)
        self.statistics = Statistics(self.caller)
        self.mass = MassMessages(self.caller)
        self.welcomes = Welcomes(self.caller)
        self.moments = Moments(self.caller)
        self.media = Media(self.caller)
        self.handovers = Handovers(self.caller)
        self.acquisition = AcquisitionLinks(self.caller)
        self.staff = StaffMessages(self.caller)
