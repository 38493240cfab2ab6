"""Every change of the room: plan a message, claim it at the moment of sending, and note what speaks for or against."""

from yutang.channels.actions.asking_again import ask_wecom_again
from yutang.channels.actions.audiences import AudiencePlan, Wish, plan_audience
from yutang.channels.actions.campaigns import (
    CampaignIsElsewhere,
    CampaignIsIncomplete,
    CampaignReachesFurther,
    CampaignWish,
    NoSuchCampaign,
    change_campaign,
    draft_campaign,
    pause_campaign,
    start_campaign,
    stop_campaign,
)
from yutang.channels.actions.claims import Claims, claim_many, plan_many
from yutang.channels.actions.comebacks import PushIsNotOurs, receive_mail, receive_push
from yutang.channels.actions.drafts import choose_parts, sketch_campaign
from yutang.channels.actions.launching import (
    CampaignWasNotLookedAt,
    NobodyWouldGetIt,
    NotToBeReminded,
    NumberIsAnother,
    WecomDidNotRemind,
    ask_for_preview,
    launch_campaign,
    remind_staff,
)
from yutang.channels.actions.notes import (
    GrievanceIsUnknown,
    StandingIsUnknown,
    close_grievance,
    note_group_standings,
    note_quota_use,
    open_grievance,
    set_group_standing,
)
from yutang.channels.actions.replies import NoSuchReply, note_answered
from yutang.channels.actions.stops import LinkIsUnknown, NothingToStop, stop_by_link, withdraw
from yutang.channels.actions.switching import CampaignIsUnknown, NothingNamed, let_go_on, stop_sending
from yutang.channels.actions.touches import (
    Claim,
    Message,
    MessageIsWrong,
    NoSuchGroup,
    NoSuchTouch,
    Planned,
    TouchIsClosed,
    TouchIsNotDue,
    claim_to_send,
    note_failure,
    plan_touch,
)
from yutang.channels.actions.visits import open_link
from yutang.channels.switches import SendingIsStopped

__all__ = [
    "AudiencePlan",
    "CampaignIsElsewhere",
    "CampaignIsIncomplete",
    "CampaignIsUnknown",
    "CampaignReachesFurther",
    "CampaignWasNotLookedAt",
    "CampaignWish",
    "Claim",
    "Claims",
    "GrievanceIsUnknown",
    "LinkIsUnknown",
    "Message",
    "MessageIsWrong",
    "NoSuchCampaign",
    "NoSuchGroup",
    "NoSuchReply",
    "NoSuchTouch",
    "NobodyWouldGetIt",
    "NotToBeReminded",
    "NothingNamed",
    "NothingToStop",
    "NumberIsAnother",
    "Planned",
    "PushIsNotOurs",
    "SendingIsStopped",
    "StandingIsUnknown",
    "TouchIsClosed",
    "TouchIsNotDue",
    "WecomDidNotRemind",
    "Wish",
    "ask_for_preview",
    "ask_wecom_again",
    "change_campaign",
    "choose_parts",
    "claim_many",
    "claim_to_send",
    "close_grievance",
    "draft_campaign",
    "launch_campaign",
    "let_go_on",
    "note_answered",
    "note_failure",
    "note_group_standings",
    "note_quota_use",
    "open_grievance",
    "open_link",
    "pause_campaign",
    "plan_audience",
    "plan_many",
    "plan_touch",
    "receive_mail",
    "receive_push",
    "remind_staff",
    "set_group_standing",
    "sketch_campaign",
    "start_campaign",
    "stop_by_link",
    "stop_campaign",
    "stop_sending",
    "withdraw",
]
