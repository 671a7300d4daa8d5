import pytest

from tfkws.config.wakeword import FULL, QUICK, Effort, NetworkLimits, WakewordConfig
from tfkws.errors import ConfigError


def test_quick_is_less_of_everything() -> None:
    assert WakewordConfig("computer").effort == FULL
    assert WakewordConfig("computer", quick=True).effort == QUICK
    assert all(getattr(QUICK, name) <= getattr(FULL, name) for name in vars(FULL))


def test_own_sizes_come_before_quick() -> None:
    assert WakewordConfig("computer", quick=True, sizes=Effort(voices=3)).effort.voices == 3


def test_settings_come_back_from_json() -> None:
    config = WakewordConfig("computer", engines=("espeak",), sizes=Effort(voices=3))
    assert WakewordConfig.from_dict(config.to_dict()) == config


def test_the_hours_of_validation_can_show_the_usual_rate() -> None:
    from tfkws.detect.rates import hours_needed

    rate = WakewordConfig("computer").false_accepts_per_hour
    assert min(QUICK.validation_hours, FULL.validation_hours) >= hours_needed(rate)


def test_a_limit_below_zero_is_refused() -> None:
    with pytest.raises(ConfigError, match="max_macs"):
        NetworkLimits(max_macs=-1.0)
