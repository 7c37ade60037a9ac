"""What visitors of a dashboard that others can reach are told."""

from fashion_core.storage.visitors import Amounts
from fashion_core.wording.numbers import format_count

PRESENTATION_NOTICE = "A presentation: look around and try pictures. Nothing can be started or changed."
OWNER_NOTICE = "You are the owner, and may do everything."


def describe_amounts(used: Amounts, quota: Amounts) -> str:
    """What a visitor has of what they may have."""
    return (
        f"You have {used.runs:,.0f} of {quota.runs:,.0f} runs, {used.minutes:,.0f} of {quota.minutes:,.0f} minutes of "
        f"training, {used.pictures:,.0f} of {quota.pictures:,.0f} pictures and {used.megabytes:,.0f} of "
        f"{quota.megabytes:,.0f} MB."
    )


def describe_main_amounts(used: Amounts, quota: Amounts) -> str:
    """The two that fill first."""
    return f"{used.runs:,.0f} of {quota.runs:,.0f} runs, {used.minutes:,.0f} of {quota.minutes:,.0f} minutes"


def describe_keeping(days: int) -> str:
    """Who sees what a visitor makes, and for how long."""
    return (
        "Only this browser sees what you make here, and the owner of this dashboard. It is deleted "
        f"{format_count(days, 'day')} after your last visit."
    )
