"""The measures that come with the room."""

from yutang.experiments.measures import MEASURES, Measure
from yutang.kit.text import N_

MEASURES.register(Measure("bought", N_("Share who bought"), "share", "more", "experiments.done_by_arm"))
MEASURES.register(Measure("orders", N_("Orders a head"), "count", "more", "experiments.done_by_arm"))
MEASURES.register(Measure("value", N_("Value a head"), "money", "more", "experiments.done_by_arm"))
MEASURES.register(Measure("unsubscribed", N_("Unsubscribed"), "share", "less", "experiments.done_by_arm"))
