import re
from itertools import combinations

import pytest

from models.patient import SITES
from tests.body_page import SPOTS, Spot

NAMES = ("side", "x", "y", "site")
WIDER = {"acral"}  # HAM10000's only word without a region: the hands and feet are those of "hand" and "foot"
HOSTILE = "\"><script>alert(1)</script>'&"


@pytest.fixture
def body_map(app):
    return app.jinja_env.get_template("patients/_body_map.html").module.body_map


@pytest.fixture
def figures(app):
    return app.jinja_env.get_template("patients/_figures.html").module.figures


def test_every_word_of_the_list_but_acral_has_a_region(figures):
    words = {part["site"] for figure in figures.values() for part in figure["regions"]}

    assert words == set(SITES) - WIDER


def test_a_lesion_with_a_place_is_a_numbered_link_that_says_where_it_is(body_map):
    drawn = body_map(SPOTS)

    (first,) = re.findall(r'<a class="body-marker" href="/lesions/mole" aria-label="([^"]+)">', drawn)
    (second,) = re.findall(r'<a class="body-marker" href="/lesions/patch" aria-label="([^"]+)">', drawn)
    assert first == "Lesion 1: Mole by the scapula, back, right side, seen from behind"
    assert second == "Lesion 2: Brown patch, lower extremity, right side, seen from the front"
    assert 'aria-label="Front of the body, 1 lesion marked"' in drawn


def test_a_lesion_stands_at_its_fractions_of_the_figures_box(body_map):
    drawn = body_map([Spot("corner", "Mole", "hand", "front", 0.0, 1.0)])

    assert '<circle class="body-marker-dot" cx="16.0" cy="516.0"' in drawn


@pytest.mark.parametrize("place", [(None, None, None), ("front", None, 0.5), ("front", 0.5, None), ("top", 0.5, 0.5)])
def test_a_lesion_without_a_place_is_listed_and_not_drawn(body_map, place):
    drawn = body_map([Spot("nail", None, "acral", *place)])

    assert "body-marker" not in drawn
    assert '<a class="body-list-name stretched-link" href="/lesions/nail">Acral</a>' in drawn
    assert "Not marked on the map" in drawn
    assert "no lesions marked" in drawn


def test_the_lesion_that_the_page_is_about_is_marked_and_no_link(body_map):
    drawn = body_map(SPOTS, selected="mole")

    assert '<g class="body-marker is-current" role="img" aria-label="Lesion 1:' in drawn
    assert '<span class="body-list-name" aria-current="true">Mole by the scapula</span>' in drawn
    assert 'href="/lesions/mole"' not in drawn
    assert 'href="/lesions/patch"' in drawn


def test_the_only_lesion_of_a_page_has_no_number_and_no_list(body_map):
    drawn = body_map(SPOTS[:1], selected="mole")

    assert 'aria-label="Lesion: Mole by the scapula' in drawn
    assert "<ol" not in drawn
    assert "</text>" not in drawn.split('class="body-marker is-current"')[1].split("</g>")[0]


@pytest.mark.parametrize(
    ("side", "x", "whereabouts"),
    [("front", 0.2, "right side"), ("front", 0.8, "left side"), ("back", 0.2, "left side"), ("back", 0.5, "midline")],
)
def test_a_lesion_is_on_the_patients_own_left_or_right(body_map, side, x, whereabouts):
    drawn = body_map([Spot("x", "Mole", None, side, x, 0.3)])

    assert f"Lesion 1: Mole, {whereabouts}, seen" in drawn


@pytest.mark.parametrize("input_names", [None, NAMES])
def test_what_a_clinician_wrote_stays_text(body_map, input_names):
    drawn = body_map([Spot("x", HOSTILE, "back", "back", 0.5, 0.5)], input_names=input_names)

    assert "&lt;script&gt;" in drawn
    assert "<script" not in drawn
    assert HOSTILE[:2] not in re.sub(r"<[^<>]*>", "", drawn)


def test_a_map_that_chooses_a_place_is_hidden_until_its_script_runs_and_leads_nowhere(body_map):
    drawn = body_map(SPOTS, input_names=NAMES)

    assert re.search(r'<div class="body-map body-map-input"[^>]* hidden>', drawn)
    assert "href=" not in drawn
    assert drawn.count('role="button" tabindex="-1"') == drawn.count('<path class="body-region"')


def test_the_patients_right_is_on_the_left_in_front_and_on_the_right_from_behind(body_map):
    drawn = body_map([], input_names=NAMES)

    arms = re.findall(r'aria-label="(Left|Right) arm \(upper extremity\)" data-x="([\d.]+)"', drawn)
    front, back = dict(arms[:2]), dict(arms[2:])
    assert float(front["Right"]) < 120 < float(front["Left"])
    assert float(back["Left"]) < 120 < float(back["Right"])


def test_nothing_in_the_drawing_is_style_or_script_of_the_page(body_map):
    drawn = body_map(SPOTS, input_names=NAMES) + body_map(SPOTS)

    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", drawn)


@pytest.mark.parametrize("count", [2, 5, 12])
def test_marks_of_one_place_are_drawn_apart_each_with_a_line_to_it(body_map, count):
    drawn = body_map([Spot(f"mole{number}", "Mole", "back", "back", 0.5, 0.3) for number in range(count)])

    centres = re.findall(r'class="body-marker-dot" cx="([\d.]+)" cy="([\d.]+)"', drawn)
    places = [complex(float(x), float(y)) for x, y in centres]
    assert min(abs(one - other) for one, other in combinations(places, 2)) > 25
    assert drawn.count('class="body-leader"') >= count - 1
    assert "M120.0 157.6L" in drawn


def test_marks_that_do_not_hide_each_other_stay_where_they_are(body_map):
    drawn = body_map([Spot("a", "Mole", "back", "back", 0.5, 0.3), Spot("b", "Mole", "back", "front", 0.5, 0.3)])

    assert drawn.count('class="body-marker-dot" cx="120.0" cy="157.6"') == 2
    assert "body-leader" not in drawn
