"""Links that need no log-in, for the pages of customers: made by `sign`, read by `read`.

Rooms below make the same links for what they send: what is here stands in `foundation.signed_links`.
"""

from yutang.foundation.signed_links import Signed, SignedLinkIsOver, SignedLinkIsUnknown, read, sign

__all__ = ["Signed", "SignedLinkIsOver", "SignedLinkIsUnknown", "read", "sign"]
