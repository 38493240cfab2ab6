"""All contests by name."""

from benchmarks.compare.contest import Contest
from benchmarks.compare.questions import cohorts, funnel, grades, imports, linking, rfm, segment, summary

CONTESTS: dict[str, Contest] = {
    contest.name: contest
    for contest in (
        rfm.CONTEST,
        cohorts.CONTEST,
        summary.CONTEST,
        segment.CONTEST,
        funnel.CONTEST,
        imports.CONTEST,
        linking.CONTEST,
        *grades.CONTESTS,
    )
}
