"""Places on the earth: distances, directions and middles against worked numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yutang.kit.geography import EARTH_RADIUS_KM, Place, distance_km, middle_of, seen_from

PLACES = st.builds(Place, st.floats(-89, 89), st.floats(-180, 180))


class TestDistance:
    def test_is_the_worked_one(self) -> None:
        # Nashville to Los Angeles: 2887.25995 km on a sphere of 6372.8 km (Rosetta Code, "Haversine formula").
        worked = 2887.2599506071106 / 6372.8 * EARTH_RADIUS_KM

        assert distance_km(one=Place(36.12, -86.67), other=Place(33.94, -118.40)) == pytest.approx(worked, abs=1e-6)

    def test_of_a_degree_of_latitude_is_a_360th_of_the_way_round(self) -> None:
        assert distance_km(one=Place(30, 120), other=Place(31, 120)) == pytest.approx(math.pi * EARTH_RADIUS_KM / 180)

    @given(one=PLACES, other=PLACES)
    def test_is_the_same_both_ways(self, one: Place, other: Place) -> None:
        assert distance_km(one=one, other=other) == pytest.approx(distance_km(one=other, other=one), abs=1e-6)


class TestSeenFrom:
    @given(centre=PLACES, place=PLACES)
    def test_keeps_the_distance(self, centre: Place, place: Place) -> None:
        away = distance_km(one=centre, other=place)
        if away < 19_000:
            assert math.hypot(*seen_from(centre=centre, place=place)) == pytest.approx(away, rel=1e-6, abs=1e-6)

    def test_keeps_the_directions(self) -> None:
        centre = Place(31.2, 121.4)

        east, north = seen_from(centre=centre, place=Place(31.3, 121.4))
        assert north == pytest.approx(11.12, abs=0.01)
        assert east == pytest.approx(0, abs=1e-9)
        east, north = seen_from(centre=centre, place=Place(31.2, 121.5))
        assert east > 9
        assert abs(north) < 0.01


class TestMiddle:
    def test_lies_between_across_the_date_line(self) -> None:
        middle = middle_of([Place(10, 179), Place(20, -179)])

        assert (middle.latitude, abs(middle.longitude)) == (15, 180)

    def test_of_one_place_is_the_place(self) -> None:
        assert middle_of([Place(31.2, 121.4)]) == Place(31.2, pytest.approx(121.4))


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_what_is_no_place_is_told(latitude: float, longitude: float) -> None:
    assert not Place(latitude, longitude).is_on_earth
