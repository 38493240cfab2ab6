"""What must hold of visits: places of slots are as many as bookings hold."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "visits.places",
    N_("Each time that can be booked counts as many places as bookings hold"),
    table="visits_slot",
    # Who did not come, or came when it was too late, holds no place any more; the place itself is past and stays counted.
    broken="""
        SELECT s.id FROM visits_slot s
        LEFT JOIN (
            SELECT store_id, starts_at, SUM(CASE WHEN holds_place THEN 1 ELSE 0 END) AS held,
                SUM(CASE WHEN NOT holds_place AND state IN ('missed', 'came') THEN 1 ELSE 0 END) AS past
            FROM visits_booking GROUP BY store_id, starts_at
        ) b ON b.store_id = s.store_id AND b.starts_at = s.starts_at
        WHERE s.taken < COALESCE(b.held, 0) OR s.taken > COALESCE(b.held + b.past, 0)
    """,
)
