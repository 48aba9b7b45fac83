"""Rules by name: what they mean, and what is refused with the field that is wrong."""

from __future__ import annotations

import pytest

from hitline.errors import InvalidDefinition
from hitline.policies import THOROUGH, THRIFTY, Adaptive, Fixed, Redundancy, VoteLead
from hitline.presets import redundancy


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("thorough", THOROUGH),
        ("thrifty", THRIFTY),
        ("fixed:3", Fixed(answers=3)),
        ("adaptive", Adaptive()),
        ("adaptive:", Adaptive()),
        (
            "adaptive:confidence=.95,lead=2,most=9",
            Adaptive(confidence=0.95, lead=2, most=9),
        ),
        (
            "adaptive: average=4 , start = 3",
            Adaptive(average=4, start=3),
        ),
        ("votes:start=3,lead=1,most=5", VoteLead(start=3, lead=1, most=5)),
    ],
)
def test_a_rule_by_its_name(text: str, rule: Redundancy) -> None:
    assert redundancy(text) == rule


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("", "policy", "write thorough, thrifty, fixed:K"),
        ("through", "policy", "'through' is none"),
        ("thorough:lead=3", "policy", "is none"),
        ("text:two-equal", "policy", "is none"),
        ("fixed", "policy.answers", "'' is no whole number"),
        ("fixed:2.5", "policy.answers", "'2.5' is no whole number"),
        ("fixed:0", "redundancy.answers", "0 is not between 1 and 9"),
        ("fixed:10", "redundancy.answers", "10 is not between 1 and 9"),
        ("adaptive:confidence=high", "policy.confidence", "'high' is no number"),
        ("adaptive:confidence=1.5", "redundancy.confidence", "1.5 is not between 0.5 and 1"),
        ("adaptive:confidence=nan", "redundancy.confidence", "nan is not between"),
        ("adaptive:sureness=.9", "policy.sureness", "average, confidence, lead, most, start"),
        ("adaptive:lead=2,lead=3", "policy.lead", "given twice"),
        ("adaptive:lead=2,", "policy", "no such field"),
        ("votes:confidence=.9", "policy.confidence", "lead, most, start"),
        ("votes:most=12", "redundancy.most", "12 is not between 1 and 9"),
    ],
)
def test_a_wrong_rule_is_refused_by_the_name_of_its_field(
    text: str, field: str, reason: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        redundancy(text)

    assert refused.value.field == field
    assert reason in refused.value.reason
