"""What the audit log says of each action and of the things they were done to."""

from __future__ import annotations

from django.utils.translation import gettext

from yutang.kit.text import N_

#: Every action that the product writes into the trail (a contract test compares), by its room.
AUDIT_ACTIONS = {
    "api.create_token": N_("Made a token of the API"),
    "api.revoke_token": N_("Revoked a token of the API"),
    "channels.close_grievance": N_("Noted that a complaint or a mood was made good"),
    "channels.open_grievance": N_("Noted a complaint or a fall of mood"),
    "channels.set_group_standing": N_("Noted how a group stands"),
    "chain.loaded": N_("Loaded stores and staff"),
    "customers.change_tag": N_("Changed a tag"),
    "customers.create_tag": N_("Made a tag"),
    "customers.create_tag_group": N_("Made a group of tags"),
    "customers.decide_review": N_("Decided whether two are one person"),
    "customers.expire_tags": N_("Took away tags whose time was over"),
    "customers.give_tag": N_("Gave a tag"),
    "customers.handed_over": N_("Handed customers over"),
    "customers.merge": N_("Merged two people"),
    "customers.record_consent": N_("Recorded a consent"),
    "customers.rename_tag_group": N_("Renamed a group of tags"),
    "customers.take_tag": N_("Took a tag away"),
    "customers.undo_merge": N_("Undid a merge"),
    "customers.unmask": N_("Looked at a customer in the clear"),
    "customers.unmask_many": N_("Looked at many customers in the clear"),
    "customers.withdraw_consent": N_("Recorded the withdrawal of a consent"),
    "backups.make": N_("Made a backup"),
    "audit.exported": N_("Exported the audit log"),
    "imports.cancel": N_("Cancelled an import"),
    "imports.discard": N_("Threw a draft of an import away"),
    "imports.dismiss_rows": N_("Put rows of an import aside"),
    "imports.drop_files": N_("Dropped kept files whose time was over"),
    "imports.prepare": N_("Prepared an import"),
    "imports.resume": N_("Went on with an import"),
    "imports.start": N_("Started an import"),
    "imports.undo": N_("Undid an import"),
    "insight.export_rfm": N_("Exported customers of the RFM grid"),
    "insight.export_values": N_("Exported customer values"),
    "job.cancelled": N_("Cancelled a background job"),
    "job.retried": N_("Repeated a background job"),
    "keys.rotated": N_("Rotated the sealing keys"),
    "region.created": N_("Added a region"),
    "region.deleted": N_("Deleted a region"),
    "region.renamed": N_("Renamed a region"),
    "role.changed": N_("Changed a role"),
    "role.created": N_("Made a role"),
    "role.deleted": N_("Deleted a role"),
    "segments.change": N_("Changed a segment"),
    "segments.delete": N_("Deleted a segment"),
    "segments.export": N_("Exported a segment"),
    "segments.save": N_("Saved a segment"),
    "setting.changed": N_("Changed a setting"),
    "staff.activated": N_("Let a member of staff log in again"),
    "staff.appearance_changed": N_("Changed language or theme"),
    "staff.codes_rest": N_("Too many wrong codes: the second factor rests"),
    "staff.created": N_("Added a member of staff"),
    "staff.deactivated": N_("Barred a member of staff"),
    "staff.device_confirmed": N_("Confirmed a new browser"),
    "staff.invited": N_("Made a log-in link"),
    "staff.logged_in": N_("Logged in"),
    "staff.logged_out": N_("Logged out"),
    "staff.new_device": N_("Logged in in a new browser"),
    "staff.password_set": N_("Set a password"),
    "staff.place_changed": N_("Changed role or stores"),
    "staff.recovery_code_used": N_("Used a recovery code"),
    "staff.recovery_codes_renewed": N_("Made new recovery codes"),
    "staff.renamed": N_("Changed the own name"),
    "staff.second_factor_off": N_("Took the own second factor off"),
    "staff.second_factor_on": N_("Set up a second factor"),
    "staff.second_factor_reset": N_("Took somebody's second factor off"),
    "staff.session_ended": N_("Ended a session"),
    "staff.sessions_ended": N_("Ended sessions"),
    "staff.welcomed": N_("Set the own password by a link"),
    "store.changed": N_("Changed a store"),
    "store.created": N_("Added a store"),
    "worklist.done": N_("Did a task"),
    "worklist.handed_over": N_("Handed tasks over"),
    "worklist.not_useful": N_("Dismissed a task"),
    "worklist.snooze": N_("Put a task aside for later"),
}
#: Rooms as the filter offers them.
AUDIT_ROOMS = {
    "staff.": N_("Staff and log-in"),
    "role.": N_("Roles"),
    "store.": N_("Stores"),
    "region.": N_("Regions"),
    "setting.": N_("Settings"),
    "customers.": N_("Customers"),
    "segments.": N_("Segments"),
    "channels.": N_("Reaching customers"),
    "worklist.": N_("Today's list"),
    "insight.": N_("Figures"),
    "imports.": N_("Imports"),
    "job.": N_("Background jobs"),
    "keys.": N_("Keys"),
    "api.": N_("Tokens of the API"),
    "backups.": N_("Backups"),
    "audit.": N_("Audit log"),
}
#: Kinds of things, and the page on which one of them is shown.
SUBJECTS = {
    "staff": (N_("Member of staff"), "staff-one"),
    "customer": (N_("Customer"), "customers-one"),
    "import": (N_("Import"), "imports-one"),
    "segment": (N_("Segment"), "segments-one"),
    "store": (N_("Store"), "stores-one"),
    "tag": (N_("Tag"), "tags-one"),
    "token": (N_("Token of the API"), ""),
    "customer_group": (N_("Customer group"), ""),
    "tag_group": (N_("Group of tags"), ""),
    "review_case": (N_("Same person?"), ""),
    "quarantined_row": (N_("Kept row"), ""),
    "region": (N_("Region"), ""),
    "role": (N_("Role"), ""),
    "setting": (N_("Setting"), ""),
    "session": (N_("Session"), ""),
    "proposal": (N_("Task"), ""),
    "job": (N_("Background job"), ""),
    "key": (N_("Key"), ""),
    "backup": (N_("Backup"), ""),
    "chain": (N_("Chain"), ""),
}


def action_words(action: str) -> str:
    """Return what was done, in words; the bare name of an action that has none."""
    return gettext(AUDIT_ACTIONS[action]) if action in AUDIT_ACTIONS else action


def subject_words(subject_type: str) -> str:
    """Return what kind of thing it was done to."""
    return gettext(SUBJECTS[subject_type][0]) if subject_type in SUBJECTS else subject_type
