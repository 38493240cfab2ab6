"""What must hold of visits: places of slots are as many as bookings hold."""

from yutang.foundation.invariants import register
from yutang.kit.text import N_

register(
    "visits.places",
    N_("Each time that can be booked counts as many places as bookings hold"),
    table="visits_slot",
    broken="""
        SELECT s.id FROM visits_slot s
        LEFT JOIN (
            SELECT store_id, starts_at, COUNT(*) AS held FROM visits_booking WHERE holds_place GROUP BY store_id, starts_at
        ) b ON b.store_id = s.store_id AND b.starts_at = s.starts_at
        WHERE s.taken <> COALESCE(b.held, 0)
    """,
)
