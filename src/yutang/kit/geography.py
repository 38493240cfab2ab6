"""Places on the earth: what a coordinate is, how far two lie apart, and where one lies seen from another."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Mean radius of the earth. Kilometres.
EARTH_RADIUS_KM = 6371.0088


@dataclass(frozen=True)
class Place:
    """A coordinate in decimal degrees.

    Attributes:
        latitude: north positive. Degrees, -90 to 90.
        longitude: east positive. Degrees, -180 to 180.
    """

    latitude: float
    longitude: float

    @property
    def is_on_earth(self) -> bool:
        """Whether both numbers are degrees that there are; NaN is none."""
        return abs(self.latitude) <= 90 and abs(self.longitude) <= 180


def distance_km(*, one: Place, other: Place) -> float:
    """Return the length of the shortest way over the ground between two places. Kilometres.

    Source:
        R. W. Sinnott (1984), "Virtues of the Haversine", Sky and Telescope 68(2), 159.
    """
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    half_lat = (second - first) / 2
    half_lon = math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(first) * math.cos(second) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def seen_from(*, centre: Place, place: Place) -> tuple[float, float]:
    """Return how far a place lies to the east and to the north of a centre, so that its distance is true. Kilometres.

    The azimuthal equidistant projection: rings of equal distance around the centre are circles, directions are kept.

    Source:
        J. P. Snyder (1987), "Map Projections: A Working Manual", USGS Professional Paper 1395, equations 22-4, 22-5 and 25-2.
    """
    phi_1, phi = math.radians(centre.latitude), math.radians(place.latitude)
    turn = math.radians(place.longitude - centre.longitude)
    away = distance_km(one=centre, other=place)
    angle = away / EARTH_RADIUS_KM
    if angle == 0:
        return 0.0, 0.0
    stretch = angle / math.sin(angle) if math.sin(angle) else 0.0
    east = stretch * math.cos(phi) * math.sin(turn)
    north = stretch * (math.cos(phi_1) * math.sin(phi) - math.sin(phi_1) * math.cos(phi) * math.cos(turn))
    return EARTH_RADIUS_KM * east, EARTH_RADIUS_KM * north


def middle_of(places: list[Place]) -> Place:
    """Return the middle of the box around places, across the date line where that is the shorter way.

    Args:
        places: one at least.
    """
    latitudes = [place.latitude for place in places]
    start = places[0].longitude
    # Degrees east or west of the first place, so that 179 and -179 are neighbours.
    turns = [(place.longitude - start + 180) % 360 - 180 for place in places]
    turn = start + (min(turns) + max(turns)) / 2
    return Place((min(latitudes) + max(latitudes)) / 2, (turn + 180) % 360 - 180)
