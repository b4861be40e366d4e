"""What an outcome says of itself."""

from labkit.host import Cause, Outcome


def test_an_outcome_prints_as_its_words_and_not_as_its_fields():
    outcome = Outcome("refused", cause=Cause("poisoned", 2, "store"))
    assert f"the call {outcome}" == "the call was refused: poisoned by step 2"
