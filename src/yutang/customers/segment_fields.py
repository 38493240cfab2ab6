"""What rules may ask of people: where they belong, how they can be reached, tags, consent."""

from __future__ import annotations

from yutang.kit.text import N_, Sentence
from yutang.lake.fields import FIELDS, Field

_PERSON = N_("Person")
_TAGS = N_("Tags and consent")
_FACTS = "customers.person_facts"

_PURPOSES = {
    "service": N_("Service"),
    "promotion": N_("Promotion"),
    "research": N_("Research"),
    "profiling": N_("Profiling"),
    "keeping": N_("Keeping what was typed"),
}
_CHANNELS = {
    "any": N_("Any channel"),
    "phone": N_("Phone call"),
    "sms": N_("SMS"),
    "wecom": N_("WeCom"),
    "email": N_("E-mail"),
}

FIELDS.register(Field("store", N_("Store"), "choice", "store_id", _PERSON, _FACTS, lookup="stores"))
FIELDS.register(Field("region", N_("Region"), "choice", "region_id", _PERSON, _FACTS, lookup="regions"))
FIELDS.register(Field("first_seen", N_("First seen"), "date", "first_seen_date", _PERSON, _FACTS))
FIELDS.register(Field("has_phone", N_("Phone number known"), "flag", "has_phone", _PERSON, _FACTS))
FIELDS.register(Field("has_wecom", N_("Added on WeCom"), "flag", "has_wecom", _PERSON, _FACTS))
FIELDS.register(Field("has_wechat", N_("WeChat account known"), "flag", "has_wechat", _PERSON, _FACTS))
FIELDS.register(Field("has_email", N_("E-mail address known"), "flag", "has_email", _PERSON, _FACTS))
FIELDS.register(Field("has_member_no", N_("Has a member number"), "flag", "has_member_no", _PERSON, _FACTS))
FIELDS.register(Field("tag", N_("Tag"), "members", "tag_id", _TAGS, "customers.tag_facts", lookup="tags"))
FIELDS.register(
    Field(
        "consent",
        N_("Consent"),
        "members",
        "consent",
        _TAGS,
        "customers.consent_facts",
        choices={
            f"{purpose}/{channel}": Sentence(
                N_("%(purpose)s by %(channel)s"),
                {"purpose": {"template": purpose_title}, "channel": {"template": channel_title}},
            )
            for purpose, purpose_title in _PURPOSES.items()
            for channel, channel_title in _CHANNELS.items()
        },
    )
)
