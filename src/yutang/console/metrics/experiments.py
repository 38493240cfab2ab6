"""What the numbers of experiments mean: draws, effects and their worth."""

from __future__ import annotations

from yutang.console.metrics.metric import Metric
from yutang.kit.text import N_

EXPERIMENTS = (
    Metric(
        "experiment_drawn",
        N_("Drawn"),
        N_(
            "People or groups who were met by the playbook or campaign and fell by lot into an arm. Nobody changes the arm later."
        ),
        formula=N_("Count of people or groups, each once"),
        source="experiments",
    ),
    Metric(
        "experiment_counted",
        N_("Counted"),
        N_(
            "Those of the drawn whose days after the draw are over, so that what they did is known. Deleted and merged people are left out."
        ),
        formula=N_("Drawn, less those whose days still run"),
        source="experiments",
    ),
    Metric(
        "experiment_arm",
        N_("Measures of an arm"),
        N_(
            "What the people of an arm did in the days after they were drawn, a head; behind a share its 95 % interval. Value is net of "
            "what was given back."
        ),
        source="experiments",
    ),
    Metric(
        "experiment_effect",
        N_("Difference from those held out"),
        N_(
            "How much more, or less, than those held out. What the same people did in the 90 days before is taken out, which narrows the "
            "interval. The interval holds at every look: whoever stops at the first one without nothing in it is wrong in at most 5 of 100 "
            "cases where there is nothing."
        ),
        formula=N_("Mean of the arm − mean of those held out − what was there before"),
        source="experiments",
    ),
    Metric(
        "experiment_worth",
        N_("Worth so far"),
        N_(
            "More value of all counted people of the arm than without the measure, from the lower to the upper end of the interval."
        ),
        formula=N_("Difference of value a head × people of the arm"),
        source="experiments",
    ),
    Metric(
        "experiment_worth_week",
        N_("Worth a week"),
        N_("The worth so far, spread over the weeks in which it came about."),
        formula=N_("Worth so far ÷ weeks from the first draw to the end of the last days that are over"),
        source="experiments",
    ),
    Metric(
        "experiment_smallest",
        N_("Smallest effect that would be seen"),
        N_(
            "A difference as large as this is found four times in five by as many people as are counted; a smaller one rather not."
        ),
        formula=N_("(half the width of the interval in standard errors + 0.84) × standard error of the difference"),
        source="experiments",
    ),
    Metric(
        "experiment_needed",
        N_("People it takes"),
        N_(
            "With so many people in both arms an effect as small as this is told from chance four times in five, by the interval that "
            "holds at any number of looks."
        ),
        formula=N_(
            "(half the width of the interval in standard errors + 0.84)² × share × (1 − share) ÷ effect² × (1 ÷ held out + 1 ÷ others)"
        ),
        source="now",
    ),
)
