"""Mobile numbers that reach nobody and still look like mobile numbers to an importer.

China publishes no range for fiction, so one had to be found that can be defended. Prefix 145 is China Unicom's prefix
for data cards: it carries no voice calls. Within it the blocks 1455 and 1456 are not given to any region: the offline
tables of libphonenumber, which name a city for the blocks of 1450-1454, name none for any of these 2,000 blocks.
libphonenumber's rule for Chinese mobiles (``14[57]`` and eight digits) accepts them, so that the importer is exercised on the same
path as by a real number. A test holds both facts. The plainly unallocated prefixes (142, 143, 154) would be
refused as no mobile numbers at all.

First numbers of people lie in 1455, second ones in 1456: twenty million in all.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from yutang.simulator.chance import Ints, scattered

FIRST_BLOCK: Final = 14_550_000_000
SECOND_BLOCK: Final = 14_560_000_000
BLOCK: Final = 10_000_000
#: People that can have numbers of their own; the rest of the first block belongs to stores.
MOST_PEOPLE: Final = 9_900_000


def first_numbers(people: Ints, *, offset: int) -> Ints:
    """Return the number that each person has from the start. National digits as an integer, shape ``(n,)``."""
    return FIRST_BLOCK + scattered(people, modulus=BLOCK, offset=offset)


def second_numbers(people: Ints, *, offset: int) -> Ints:
    """Return the number that each person takes when the first one is given up."""
    return SECOND_BLOCK + scattered(people, modulus=BLOCK, offset=offset)


def store_numbers(stores: int, *, offset: int) -> Ints:
    """Return the service numbers of the stores: typed at the till when a customer gives none."""
    return FIRST_BLOCK + scattered(np.arange(stores, dtype=np.int64) + MOST_PEOPLE, modulus=BLOCK, offset=offset)
