"""Every outcome has a colour and a shape of its own, readable on either paper."""

import pytest
from colours import blend, contrast

from labkit.host.outcome import KINDS
from labkit.views import markup
from labkit.views.theme import DARK, LIGHT, LOOKS


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_kind_has_colours_and_no_colour_has_two_meanings(palette):
    assert set(palette.mark) == set(palette.text) == set(KINDS)
    colours = list(palette.tokens().values())
    assert len(set(colours)) == len(colours)


def test_every_kind_has_a_shape_of_its_own():
    assert list(LOOKS) != []
    assert set(LOOKS) == set(KINDS)
    assert len({look.glyph for look in LOOKS.values()}) == len(KINDS)
    assert len({markup.glyph(kind).partition(' d="')[2] for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_holds_on_paper_lane_and_tint(palette):
    tint = blend(palette.mark["trapped"], palette.lane, 0.12)
    for ground in (palette.paper, palette.lane, tint):
        assert min(contrast(colour, ground) for colour in palette.mark.values()) >= 3
        texts = (*palette.text.values(), palette.ink, palette.muted)
        assert min(contrast(colour, ground) for colour in texts) >= 4.5


def test_black_would_not_follow_the_theme():
    assert "#000000" not in {*LIGHT.tokens().values(), *DARK.tokens().values()}
