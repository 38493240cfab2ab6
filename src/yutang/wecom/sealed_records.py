"""What the room keeps sealed."""

from __future__ import annotations

from yutang.foundation.sealed_records import SEALED, SealedColumn
from yutang.kit.text import N_
from yutang.wecom.models import Callback, Connection, Contact, Friendship

SEALED.register(SealedColumn("wecom.keys", N_("Secrets of WeCom"), Connection, "sealed_keys"))
SEALED.register(SealedColumn("wecom.callbacks", N_("Callbacks of WeCom"), Callback, "sealed_text"))
SEALED.register(SealedColumn("wecom.contacts", N_("Contacts of WeCom"), Contact, "sealed_card"))
SEALED.register(SealedColumn("wecom.friendships", N_("Notes of staff in WeCom"), Friendship, "sealed_note"))
