"""The policy that holds now, with the version under which decisions by it are kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from yutang.channels.models import PolicyVersion
from yutang.channels.organisation import current_policy
from yutang.channels.policy import Policy


@dataclass(frozen=True)
class KeptPolicy:
    """A policy and the key of its version."""

    version: int
    policy: Policy


def kept_policy(*, now: datetime) -> KeptPolicy:
    """Return the policy as it is set now; a set of values that was never decided by becomes a version.

    Args:
        now: aware UTC.
    """
    policy = current_policy()
    digest = digest_of(policy)
    version = PolicyVersion.objects.filter(digest=digest).values_list("pk", flat=True).first()
    if version is None:
        row = PolicyVersion(digest=digest, values=policy.as_json(), first_used_at=now)
        PolicyVersion.objects.bulk_create([row], ignore_conflicts=True)
        version = PolicyVersion.objects.values_list("pk", flat=True).get(digest=digest)
    return KeptPolicy(version, policy)


def digest_of(policy: Policy) -> str:
    """Return what tells sets of values apart."""
    told = json.dumps(policy.as_json(), sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
