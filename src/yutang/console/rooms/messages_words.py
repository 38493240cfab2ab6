"""What the message centre calls the states, faults and ways of messages, and the APIs of WeCom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from yutang.channels.queries import CHANNEL_TITLES, INTENT_TITLES
from yutang.kit.text import N_

#: State -> what it is called, and its tone.
STATES: Mapping[str, tuple[str, str]] = {
    "planned": (N_("Planned"), "plain"),
    "sent": (N_("Sent"), "plain"),
    "claimed": (N_("Let out"), "info"),
    "handing": (N_("Being handed over"), "info"),
    "created": (N_("Given to the platform"), "info"),
    "notified": (N_("Staff were asked"), "info"),
    "confirmed": (N_("Staff confirmed"), "info"),
    "delivered": (N_("Delivered"), "accent"),
    "unknown": (N_("Not known"), "warn"),
    "quota_refused": (N_("Refused by the platform's quota"), "warn"),
    "not_a_friend": (N_("Not a friend any more"), "down"),
    "failed": (N_("Failed"), "down"),
    "refused": (N_("Refused by the policy"), "warn"),
}
#: The same of replies.
REPLY_STATES: Mapping[str, tuple[str, str]] = {
    "unanswered": (N_("Waits for an answer"), "warn"),
    "answered": (N_("Answered"), "accent"),
    "opted_out": (N_("Wants no more"), "down"),
}
#: A step that is no state of its own.
_STEPS = {**STATES, "put_off": (N_("Put off"), "plain")}
#: Icon of each way.
ICONS: Mapping[str, str] = {"wecom": "people", "sms": "chat", "email": "file", "phone": "phone", "group": "people"}
GROUP_STANDINGS: Mapping[str, tuple[str, str]] = {
    "alive": (N_("Alive"), "accent"),
    "fatigued": (N_("Tired, rests"), "warn"),
    "dead": (N_("Dead"), "down"),
}
#: What the APIs of WeCom do that are called most; others are shown by their path alone.
_APIS = {
    "externalcontact/add_msg_template": N_("Give mass messages"),
    "externalcontact/remind_groupmsg_send": N_("Remind staff"),
    "externalcontact/cancel_groupmsg_send": N_("Take mass messages back"),
    "externalcontact/get_groupmsg_list_v2": N_("List mass messages"),
    "externalcontact/get_groupmsg_task": N_("Ask who confirmed"),
    "externalcontact/get_groupmsg_send_result": N_("Ask what became of mass messages"),
    "externalcontact/send_welcome_msg": N_("Welcome newcomers"),
    "externalcontact/get": N_("Read a customer"),
    "externalcontact/list": N_("List customers"),
    "externalcontact/batch/get_by_user": N_("Read customers of staff"),
    "externalcontact/get_follow_user_list": N_("List staff with customers"),
    "externalcontact/remark": N_("Write remarks"),
    "externalcontact/mark_tag": N_("Tag customers"),
    "externalcontact/get_corp_tag_list": N_("List tags"),
    "externalcontact/add_corp_tag": N_("Add tags"),
    "externalcontact/groupchat/list": N_("List groups"),
    "externalcontact/groupchat/get": N_("Read a group"),
    "externalcontact/add_contact_way": N_("Make channel codes"),
    "externalcontact/del_contact_way": N_("Delete channel codes"),
    "externalcontact/add_moment_task": N_("Ask for posts in Moments"),
    "externalcontact/edit_corp_tag": N_("Rename tags"),
    "externalcontact/del_corp_tag": N_("Delete tags"),
    "externalcontact/get_contact_way": N_("Read a channel code"),
    "externalcontact/list_contact_way": N_("List channel codes"),
    "externalcontact/update_contact_way": N_("Change channel codes"),
    "externalcontact/groupchat/add_join_way": N_("Make codes of groups"),
    "externalcontact/groupchat/get_join_way": N_("Read a code of a group"),
    "externalcontact/transfer_customer": N_("Hand customers over"),
    "externalcontact/transfer_result": N_("Ask what became of a handover"),
    "media/upload_attachment": N_("Upload attachments"),
    "gettoken": N_("Fetch a token"),
    "media/upload": N_("Upload pictures and files"),
    "message/send": N_("Write to staff"),
}
_ANOTHER = N_("Another call")
PERIODS = {"day": N_("today"), "week": N_("this week"), "month": N_("this month")}


def state_shown(code: str) -> dict[str, str]:
    """Return what a state of a message or reply is called, and its tone."""
    title, tone = STATES.get(code) or REPLY_STATES.get(code) or (code, "plain")
    return {"code": code, "title": _(title), "tone": tone}


def step_title(code: str) -> str:
    """Return what a step of a message is called."""
    return _(_STEPS[code][0]) if code in _STEPS else code


def channel_title(code: str) -> str:
    """Return what a way is called."""
    return _(CHANNEL_TITLES[code]) if code in CHANNEL_TITLES else code


def intent_title(code: str) -> str:
    """Return what an intent is called."""
    return _(INTENT_TITLES[code]) if code in INTENT_TITLES else code


def api_title(path: str) -> str:
    """Return what an API of WeCom does; of one that is seldom called, that it is another."""
    return _(_APIS.get(path, _ANOTHER))


def standing_shown(code: str) -> dict[str, Any]:
    """Return how a group stands, in words and tone."""
    title, tone = GROUP_STANDINGS.get(code, (N_("Not known"), "plain"))
    return {"title": _(title), "tone": tone}
