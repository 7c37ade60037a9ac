"""What the answers say about the promise under which the folder was sorted, and whether people agree."""

from fashion_core.wording import sorting_review as wording
from fashion_core.wording.sorting import describe_sorting_promise
from ui import shell
from ui.review.session import ReviewSession


def show_outcome(session: ReviewSession) -> None:
    """A finding for the automated fraction and one for the error, where there are answers enough."""
    progress, outcome = session.progress, session.outcome
    if progress is None:
        return
    for sentence in wording.describe_outcome(outcome, progress.n_reviewed):
        shell.show_finding(sentence)
    if session.agreement is not None:
        shell.show_finding(wording.describe_agreement(session.agreement))
    shell.show_provenance(
        wording.describe_people(progress.people),
        f"{progress.n_reviewed:,} pictures reviewed",
        "" if outcome is None else wording.describe_audits(outcome),
    )
    if outcome is not None:
        shell.show_provenance(f"The promise: {describe_sorting_promise(outcome.promise)}")
