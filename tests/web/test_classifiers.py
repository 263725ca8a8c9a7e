import re
from dataclasses import replace

import pytest

from app.classifiers.drawings import reliability
from models.labels import BINARY
from tests.factories import make_user, sign_in
from tests.fakes import CARD, NAME, FakeClassifiers

SPACE = "\N{NO-BREAK SPACE}"
FIGURE = {"value": 0.5, "low": 0.4, "high": 0.6}
FIGURES = CARD.metrics["ham7-grouped"] | {
    "confusion": [[9 if row == column else 1 for column in range(7)] for row in range(7)],
    "curves": {
        "roc_malignant": [[0.0, 0.0], [0.25, 0.9], [1.0, 1.0]],
        "reliability": [[None, None, 0], [0.3, 0.25, 20], [0.9, 0.95, 80]],
    },
    "controls": {
        "border_only": {"n": 1491, "malignant_auc": {"value": 0.731, "low": 0.69, "high": 0.77}},
        "flip_rate": {"lesions": 1491, "class_changes": 0.069, "by_view": {"10 % darker": 0.0228}},
        "refused_lesions": {"n": 2004, "rate": 0.007, "reasons": {"unfamiliar": 14}},
    },
    "network_sha256": "49f2580230837b6b",
}
WHOLE = replace(
    CARD,
    metrics={"ham7-grouped": FIGURES},
    training={"split": "ham7-grouped", "recipe": "ours", "seed": 0, "pretrained": None, "history": [{"loss": 1.5}]},
    files={"network.tflite": "49f2580230837b6b"},
)
WEIGHED = {"n": 2003, "lesions": 1491, "facts": ["age", "site"], "accuracy": FIGURE, "macro_auc": FIGURE, "ece": None}
EPOCHS = [{"epoch": 1, "px": 128, "loss": 1.0}, {"epoch": 2, "px": 128, "loss": 0.5, "validation_accuracy": 0.75}]
LARGER = {"epoch": 3, "px": 192, "loss": 0.0, "validation_accuracy": 0.8}
PAIR = replace(
    WHOLE,
    members=2,
    metrics={"ham7-grouped": FIGURES | {"with_patient": WEIGHED}},
    training=WHOLE.training
    | {"history": [*EPOCHS, LARGER], "further_members": [WHOLE.training | {"seed": 1, "history": EPOCHS}]},
)
LEAKY = replace(
    CARD,
    name="resnet50-binary",
    title="ResNet-50",
    classes=BINARY.codes,
    training={"split": "binary-stock"},
    metrics={"binary-stock": {"n": 660, "lesions_learned_from": 97, "accuracy": FIGURE, "malignant_auc": None}},
)
BARE = replace(CARD, name="cnn6m-binary", title="Plain CNN", classes=BINARY.codes, training={}, metrics={}, limits=())


@pytest.fixture
def classifiers():
    return FakeClassifiers(WHOLE, LEAKY, BARE)


@pytest.fixture
def pages(client, session):
    sign_in(client, make_user(session))
    return client


@pytest.mark.parametrize("address", ["/classifiers", f"/classifiers/{NAME}", "/similar/ISIC_0024306.jpg"])
def test_the_pages_are_closed_to_anonymous_people(client, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.location.startswith("/login?next=")


def test_all_classifiers_are_listed_by_task_with_their_figures(pages):
    page = pages.get("/classifiers").text

    assert page.index("Seven classes") < page.index("MobileNetV2") < page.index("Benign or malignant")
    assert "84.0\N{NO-BREAK SPACE}%" in page
    assert "0.918 to 0.943" in page
    assert page.count(">Default<") == 1


def test_the_list_is_in_the_navigation(pages):
    assert '<a class="nav-link" href="/classifiers">Classifiers</a>' in pages.get("/index").text


def test_a_figure_that_flatters_is_marked(pages):
    assert pages.get("/classifiers").text.count("Overlaps with training") == 1
    assert "Training saw 97 of the tested lesions" in pages.get("/classifiers/resnet50-binary").text
    assert "these figures" not in pages.get(f"/classifiers/{NAME}").text


def test_a_classifier_that_was_not_measured_is_listed_without_figures(pages):
    assert "Not measured yet" in pages.get("/classifiers").text
    assert "Not measured yet" in pages.get("/classifiers/cnn6m-binary").text


def test_a_classifier_without_its_files_says_so(pages):
    assert "file is missing" in pages.get("/classifiers/resnet50-binary").text
    assert "file is missing" not in pages.get(f"/classifiers/{NAME}").text


def test_a_site_without_classifiers_has_an_empty_list(pages, app):
    app.extensions["classifiers"] = NoClassifiers()

    assert "No classifier is installed" in pages.get("/classifiers").text


class NoClassifiers:
    def cards(self):
        return ()


def test_the_page_of_a_classifier_says_what_its_card_says(pages):
    page = pages.get(f"/classifiers/{NAME}").text

    for said in (*CARD.limits, CARD.licence, "AUC, malignant against benign", "95\N{NO-BREAK SPACE}% sensitivity"):
        assert said in page
    for heading in ("By class", "Confusion matrix", "By age", "Without the lesion", "Does the answer hold?"):
        assert f"<h3>{heading}</h3>" in page
    assert "49f2580230837b6b" in page
    assert "history" not in page.lower().split("<main", 1)[1]


def test_the_curves_are_drawn_with_their_numbers_beside_them(pages):
    page = pages.get(f"/classifiers/{NAME}").text

    assert 'points="0.0,300.0 75.0,30.0 300.0,0.0"' in page  # 25 % across a square of 300, 90 % up
    assert page.count('class="curve-mark"') == 2
    assert '<th scope="row">75.0\N{NO-BREAK SPACE}%</th><td>90.0\N{NO-BREAK SPACE}%</td>' in page


def test_each_network_has_its_learning_curve_with_the_numbers_behind_it(pages, app):
    app.extensions["classifiers"] = FakeClassifiers(PAIR)

    page = pages.get(f"/classifiers/{NAME}").text

    first, second = page.split("<h3>Learning curve of the ")[1:]
    assert 'points="0.0,0.0 150.0,90.0 300.0,180.0"' in first  # loss 1, 0.5, 0 over three epochs
    assert 'points="150.0,180.0 300.0,0.0"' in first  # accuracy 75 to 80 %, measured twice
    assert '<path class="curve-chance" d="M300.0 0V180"/>' in first  # where the photographs became larger
    assert f'<th scope="row">3</th><td>192{SPACE}px</td><td>0.000</td><td>80.0{SPACE}%</td>' in first
    assert 'points="0.0,0.0 300.0,' in second
    assert "as the first, but seed 1<" in second


def test_two_networks_are_said_to_be_averaged(pages, app):
    alone = pages.get(f"/classifiers/{NAME}").text
    app.extensions["classifiers"] = FakeClassifiers(PAIR)
    pair = pages.get(f"/classifiers/{NAME}").text

    assert "two networks, whose answers are averaged" in pair
    assert "averaged" not in alone


def test_figures_with_the_patients_facts_stand_beside_those_without(pages, app):
    assert "With the patient" not in pages.get(f"/classifiers/{NAME}").text
    app.extensions["classifiers"] = FakeClassifiers(PAIR)

    page = pages.get(f"/classifiers/{NAME}").text

    table = page.split("<h3>With the patient&#39;s age and body site</h3>")[1].split("</table>")[0]
    assert [cell.split(" ")[0] for cell in re.findall("<td>(.*?)</td>", table)] == [
        f"84.0{SPACE}%", f"50.0{SPACE}%", "0.965", "0.500", "not", "not",
    ]  # fmt: skip
    assert "2,003 photographs of 1,491 lesions, with age and body site as far as on record" in table


@pytest.mark.parametrize(
    "history",
    [[], [{"epoch": 1}], [{"loss": None}], [{"loss": float("nan")}], [{"epoch": 1, "validation_accuracy": 0.5}]],
)
def test_a_history_of_little_is_drawn_or_left_out(pages, app, history):
    app.extensions["classifiers"] = FakeClassifiers(replace(PAIR, members=1, training={"history": history}))

    response = pages.get(f"/classifiers/{NAME}")

    assert response.status_code == 200
    assert ("Learning curve" in response.text) == ("validation_accuracy" in str(history))
    assert "nan" not in response.text.split("Network and training")[1]


def test_a_card_without_curves_has_no_drawing(pages):
    assert "curve-drawing" not in pages.get("/classifiers/resnet50-binary").text


def test_a_figure_that_is_not_defined_is_said_to_be_so(pages):
    assert "not defined" in pages.get("/classifiers/resnet50-binary").text


@pytest.mark.parametrize("name", ["resnet9000-ham7", "..", "card.json", NAME.upper()])
def test_an_unknown_classifier_is_not_found(pages, name):
    assert pages.get(f"/classifiers/{name}").status_code == 404


def test_the_pages_load_no_network(pages, app):
    app.extensions["classifiers"] = Unloadable(WHOLE)

    assert pages.get("/classifiers").status_code == 200
    assert pages.get(f"/classifiers/{NAME}").status_code == 200


class Unloadable(FakeClassifiers):
    def __getitem__(self, name):
        raise AssertionError("a network was asked for")


@pytest.mark.parametrize("page", ["/classifiers", f"/classifiers/{NAME}"])
def test_the_pages_need_nothing_that_the_policy_forbids(pages, page):
    text = pages.get(page).text

    assert " style=" not in text
    assert "<style" not in text


def test_bins_of_a_handful_of_photographs_are_drawn_beside_the_line():
    drawn = reliability({"curves": {"reliability": [[0.2, 1.0, 2], [0.5, 0.5, 10], [0.9, 0.8, 40]]}})

    assert [bin_.few for bin_ in drawn.bins] == [True, False, False]
    assert drawn.line == "150.0,150.0 270.0,60.0"
    assert len(drawn.table.rows) == 3
