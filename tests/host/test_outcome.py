"""What an outcome says of itself."""

from labkit.host import Cause, Outcome


def test_an_outcome_prints_as_its_words_and_not_as_its_fields():
    outcome = Outcome("refused", cause=Cause("poisoned", 2, "store"))
    assert f"the call {outcome}" == "the call was refused: poisoned by step 2"


def test_an_error_without_a_payload_is_named_by_no_value():
    assert str(Outcome("guest-error")) == "answered with its own error"
    assert str(Outcome("guest-error", error="too-late")) == "answered with its own error 'too-late'"
