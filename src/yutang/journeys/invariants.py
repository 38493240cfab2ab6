"""What must hold of playbooks: each step of each person's way was gone once, and whoever is held out gets nothing."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "journeys.steps",
    N_("Whoever is in a playbook went each step of the way once"),
    table="journeys_enrolment",
    broken="""
        SELECT e.id FROM journeys_enrolment e
        JOIN (SELECT enrolment_id, COUNT(*) AS steps, MAX(visit) AS latest FROM journeys_passage GROUP BY enrolment_id) p
            ON p.enrolment_id = e.id
        WHERE p.steps <> p.latest OR p.latest > e.visit OR (e.ended_at IS NULL AND p.latest <> e.visit - 1)
    """,
)

register(
    "journeys.held_out",
    N_("Whoever is held out of a playbook went none of its steps"),
    table="journeys_enrolment",
    looked="SELECT COUNT(*) FROM journeys_enrolment WHERE ended_because = 'held'",
    broken="""
        SELECT e.id FROM journeys_enrolment e
        WHERE e.ended_because = 'held' AND EXISTS (SELECT 1 FROM journeys_passage p WHERE p.enrolment_id = e.id)
    """,
)
