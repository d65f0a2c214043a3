"""What work pages show of a source."""

from __future__ import annotations

import pytest

from core.web.rendering import cited


@pytest.mark.parametrize(("source", "shown"), [
    ("S0 A20 §4.1 (F07, N05)", "S0 A20 §4.1"), ("S1-2 §1.1 (11)", "S1-2 §1.1 (11)"), ("S2-b (CL07a–d)", "S2-b"),
    ("S3-11 (F70–F74)", "S3-11"), ("(F52)", ""), ("S1-3 §4.2; S1-5 §5 (C30, C31)", "S1-3 §4.2; S1-5 §5"), ("", "")])
def test_numbers_of_the_catalogue_are_not_shown_to_staff(source: str, shown: str) -> None:
    assert cited(source) == shown
