"""What is measured between two photographs of a lesion, and what is said not to be."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.inference import Noise
from app.patients.lesions.change import Change, Taken, change_between
from app.patients.lesions.light import other_light, skin_colour
from app.patients.tables import Lesion, Patient
from app.results.outlines.selectors import measured
from app.results.outlines.services import draw_scale
from app.results.tables import Analysis
from app.storage import Storage
from tests.factories import make_analysis, make_lesion, make_outline
from tests.fakes import NOISE

LIMITS = {noise.measure: noise for noise in NOISE}
LONG = {"start": (0.0, 0.5), "end": (1.0, 0.5)}  # 600 pixels


class Pair:
    """Two photographs of one lesion, which a test measures as it likes."""

    def __init__(self, session: Session, owner: User, lesion: Lesion) -> None:
        self._session, self._owner = session, owner
        kept = {"patient_id": lesion.patient_id, "lesion_id": lesion.id}
        self.then, self.now = (
            make_analysis(session, owner, **kept, photograph_sha256=str(days), created_at=now() - timedelta(days=days))
            for days in (90, 0)
        )

    def outline(self, then: dict[str, Any] | None = None, now: dict[str, Any] | None = None) -> None:
        make_outline(self._session, self.then, **(then or {}))
        make_outline(self._session, self.now, **(now or {}))

    def scale(self, *analyses: Analysis, **line: Any) -> None:
        for analysis in analyses:
            draw_scale(self._session, analysis, author=self._owner, **({"millimetres": 20.0} | LONG | line))
        self._session.commit()

    def change(self, noise: dict[str, Noise] | None = None) -> Change:
        then, now = (Taken(analysis, measured(self._session, analysis)) for analysis in (self.then, self.now))
        return change_between(then, now, LIMITS if noise is None else noise)

    def row(self, name: str, noise: dict[str, Noise] | None = None) -> Any:
        return next(row for row in self.change(noise).rows if row.name == name)


@pytest.fixture
def pair(session: Session, owner: User, patient: Patient) -> Pair:
    return Pair(session, owner, make_lesion(session, patient))


def test_sizes_are_compared_in_millimetres_whatever_the_pixels(pair: Pair) -> None:
    pair.outline({"area": 9000.0}, {"area": 2 * 9000.0})
    pair.scale(pair.then, millimetres=20.0)
    pair.scale(pair.now, millimetres=40.0)

    area = pair.row("Area")

    assert (area.then, area.now) == ("10\xa0mm²", "80\xa0mm²")
    assert area.difference == "+70\xa0mm² (+700\xa0%)"
    assert area.beyond


@pytest.mark.parametrize("scaled", [(), ("then",), ("now",)])
def test_without_a_scale_in_both_sizes_are_not_compared_and_shapes_are(pair: Pair, scaled: tuple[str, ...]) -> None:
    pair.outline()
    pair.scale(*(getattr(pair, name) for name in scaled))

    area, diameter, asymmetry = (pair.row(name) for name in ("Area", "Largest diameter", "Asymmetry of the shape"))

    assert (area.beyond, area.difference) == (None, "Not known")
    assert area.said == "Area needs a scale in both photographs."
    assert diameter.said == "Largest diameter needs a scale in both photographs."
    assert (asymmetry.beyond, asymmetry.difference) == (False, "+0.00")


def test_what_differs_no_more_than_repeated_photographs_is_said_to_be_noise(pair: Pair) -> None:
    pair.outline({"asymmetry": 0.05, "irregularity": 1.2}, {"asymmetry": 0.10, "irregularity": 1.5})

    within, beyond = pair.row("Asymmetry of the shape"), pair.row("Border irregularity")

    assert (within.beyond, beyond.beyond) == (False, True)
    assert within.said == "Within the noise: photographs of an unchanged lesion differ as much."
    assert beyond.said.startswith("Beyond the noise: 95 in 100 pairs of photographs of an unchanged lesion differ less")
    assert pair.change().beyond == 1


def test_noise_of_mere_copies_is_not_called_that_of_repeated_photographs(pair: Pair) -> None:
    pair.outline({"area": 9000.0}, {"area": 18000.0})
    pair.scale(pair.then, pair.now)

    area = pair.row("Area")

    assert area.said.startswith("Beyond the least noise: 95 in 100 copies of a photograph")


def test_short_scales_hide_a_difference_that_long_ones_show(pair: Pair) -> None:
    pair.outline({"diameter": 200.0}, {"diameter": 216.0})
    pair.scale(pair.then, pair.now)
    by_long_lines = pair.row("Largest diameter")
    pair.scale(pair.then, pair.now, end=(0.1, 0.5), millimetres=2.0)

    by_short_lines = pair.row("Largest diameter")

    assert by_long_lines.difference == by_short_lines.difference
    assert (by_long_lines.beyond, by_short_lines.beyond) == (True, False)


def test_a_measure_whose_noise_is_not_known_is_not_judged(pair: Pair) -> None:
    pair.outline({"asymmetry": 0.0}, {"asymmetry": 0.9})

    row = pair.row("Asymmetry of the shape", noise={})

    assert (row.beyond, row.difference) == (None, "+0.90")
    assert row.said.startswith("Not judged")


@pytest.mark.parametrize(
    ("which", "quality", "why"),
    [
        ("then", {"accepted": True, "reasons": ["blurred"]}, "there is a caution about the earlier photograph"),
        ("now", {"accepted": False, "reasons": ["unfamiliar", "blurred"]}, "the later photograph was not accepted"),
    ],
)
def test_what_differs_from_a_poor_photograph_is_not_called_a_change(
    pair: Pair, which: str, quality: dict[str, Any], why: str
) -> None:
    pair.outline({"irregularity": 1.2}, {"irregularity": 1.9})
    pair.scale(pair.then, pair.now)
    assert pair.row("Border irregularity").beyond
    for name, value in quality.items():
        setattr(getattr(pair, which), name, value)

    row = pair.row("Border irregularity")

    assert (row.beyond, row.difference, row.said) == (None, "+0.70", f"Not judged: {why}.")
    assert not pair.change().judged


def test_colours_that_came_and_went_are_named_and_not_judged(pair: Pair) -> None:
    pair.outline({"colours": ["red", "light brown"]}, {"colours": ["light brown", "black"]})

    row = pair.row("Colours of the ABCD rule")

    assert (row.difference, row.beyond) == ("new: black; no longer: red", None)


def test_outlines_of_different_networks_are_not_compared(pair: Pair) -> None:
    pair.outline({"version": "0.9.0"})

    change = pair.change()

    assert change.rows == ()
    assert "different versions of the network" in change.notes[0]


def test_a_refused_or_waiting_photograph_leaves_nothing_to_compare(pair: Pair, session: Session, app: Any) -> None:
    make_outline(session, pair.then, refused="pieces", polygon=[])

    with app.app_context():
        change = pair.change()

    assert change.rows == ()
    assert change.notes[0] == "The earlier photograph: More than one lesion was made out, or one in pieces."
    assert change.notes[1].startswith("The later photograph: This photograph has not been measured yet.")


def test_one_picture_taken_in_twice_has_no_change(pair: Pair, session: Session) -> None:
    pair.outline()
    pair.now.photograph_sha256 = pair.then.photograph_sha256
    session.commit()

    assert pair.change().rows == ()


@pytest.mark.parametrize("other", ["another lesion", "none", "the same"])
def test_change_is_never_measured_but_between_two_photographs_of_one_lesion(
    pair: Pair, session: Session, patient: Patient, other: str
) -> None:
    pair.outline()
    then, now = (Taken(analysis, measured(session, analysis)) for analysis in (pair.then, pair.now))
    now.analysis.lesion_id = {"none": None, "another lesion": make_lesion(session, patient).id}.get(
        other, then.analysis.lesion_id
    )

    with pytest.raises(ValueError, match="change is measured"):
        change_between(then, then if other == "the same" else now, LIMITS)


def test_hair_over_a_lesion_is_told(pair: Pair) -> None:
    pair.outline(now={"hair": 0.2})

    assert pair.change().notes == (
        "Hair covers about 20\xa0% of the lesion in the later photograph; colours were read beside it.",
    )


def test_the_page_shows_both_outlines_and_the_table(reader: Any, pair: Pair, session: Session) -> None:
    pair.outline({"irregularity": 1.2}, {"irregularity": 1.5})
    lesion = session.get(Lesion, pair.then.lesion_id)

    page = reader.get(f"/lesions/{lesion.public_id}").text

    assert page.count('class="outline-line"') == 2
    assert "1 measure differs by more than the noise." in page
    assert "Area needs a scale in both photographs." in page


def thumbnail(skin: tuple[int, int, int]) -> bytes:
    picture = Image.new("RGB", (160, 160), skin)
    ImageDraw.Draw(picture).polygon([(80, 40), (112, 80), (80, 120), (48, 80)], fill=(60, 30, 20))  # as outlined
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.mark.parametrize(
    ("later", "said"),
    [
        ((214, 182, 162), ""),
        ((150, 126, 112), "The skin around the lesion is darker in the later photograph"),
        ((210, 180, 120), "The skin around the lesion is of another tint in the later photograph"),
    ],
)
def test_another_light_is_told_by_the_skin_around_the_lesion(
    pair: Pair, session: Session, storage: Storage, later: tuple[int, int, int], said: str
) -> None:
    pair.outline()
    storage.put(pair.then.thumbnail_key, thumbnail((210, 180, 160)))
    storage.put(pair.now.thumbnail_key, thumbnail(later))

    then, now = (skin_colour(storage, one, measured(session, one)) for one in (pair.then, pair.now))

    assert then == pytest.approx((210, 180, 160), abs=3)
    assert other_light(then, now).startswith(said)
    assert bool(other_light(then, now)) == bool(said)
