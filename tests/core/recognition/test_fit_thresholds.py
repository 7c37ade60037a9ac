"""The thresholds of the warning for none of the ten classes."""

import numpy as np
import pytest

from fashion_core.recognition.fit_thresholds import FALSE_ALARM_RATES, choose_threshold
from fashion_core.recognition.shipped_recognizer import load_ood_thresholds
from fashion_core.vision.kind import PICTURE_KINDS


@pytest.mark.parametrize("kind", PICTURE_KINDS)
def test_the_chosen_fraction_of_known_garments_is_above_the_threshold(kind) -> None:
    threshold = choose_threshold(kind, np.linspace(0, 2, 1000))
    assert threshold.false_alarm_rate == pytest.approx(FALSE_ALARM_RATES[kind], abs=0.002)
    assert threshold.n_known == 1000


@pytest.mark.parametrize("kind", PICTURE_KINDS)
def test_the_shipped_thresholds_warn_few_known_garments(kind) -> None:
    assert load_ood_thresholds()[kind].false_alarm_rate <= 0.07
