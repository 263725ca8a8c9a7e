"""The most similar known lesions: found exactly, from training photographs alone, and fast enough to cost nothing."""

from __future__ import annotations

import csv
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.card import read_card, read_verified
from models.photograph import upright_rgb
from models.registry import Registry, UnavailableError
from models.similar import FILE, KnownPhotograph, SimilarIndex
from models.training import splits
from models.training.index import index_training
from tests.models.conftest import NAME, run_models

SHIPPED = Path(__file__).parents[2] / "models" / "weights"


def known(n: int, photographs_per_lesion: int = 1) -> list[KnownPhotograph]:
    return [KnownPhotograph(f"ISIC_{i:07}", f"HAM_{i // photographs_per_lesion:07}", "nv", "histo") for i in range(n)]


def embeddings(n: int, channels: int = 64, seed: int = 0) -> np.ndarray:
    """Return rows as networks give them: never negative, of unequal length, and far from independent."""
    rng = np.random.default_rng(seed)
    return np.maximum(0, rng.normal(size=(n, 8)) @ rng.normal(size=(8, channels)) + 0.5).astype(np.float32)


def cosines(rows: np.ndarray, one: np.ndarray) -> np.ndarray:
    return rows @ one / np.linalg.norm(rows, axis=1) / np.linalg.norm(one)


def test_the_nearest_lesions_come_first_with_their_cosines() -> None:
    rows, asked = embeddings(300), embeddings(300)[7] + embeddings(300)[8]

    found = SimilarIndex.build(rows, known(300)).nearest(asked)

    expected = np.argsort(-cosines(rows, asked))[:5]
    assert [case.image_id for case in found] == [f"ISIC_{i:07}" for i in expected]
    np.testing.assert_allclose([case.similarity for case in found], cosines(rows, asked)[expected], atol=1e-4)


def test_each_lesion_stands_there_once_by_its_best_photograph() -> None:
    rows = embeddings(60)

    found = SimilarIndex.build(rows, known(60, photographs_per_lesion=3)).nearest(rows[31])

    assert found[0].image_id == "ISIC_0000031"
    assert found[0].similarity == pytest.approx(1, abs=1e-4)
    assert len({case.lesion_id for case in found}) == 5


def test_fewer_lesions_than_asked_for_are_all_returned() -> None:
    rows = embeddings(4)

    found = SimilarIndex.build(rows, known(4, photographs_per_lesion=2)).nearest(rows[0])

    assert [case.lesion_id for case in found] == ["HAM_0000000", "HAM_0000001"]


def test_a_saved_index_answers_as_it_did_before() -> None:
    rows = embeddings(200)
    index = SimilarIndex.build(rows, known(200))

    content = index.to_bytes()
    again = SimilarIndex.from_bytes(content)

    before, after = index.nearest(rows[3]), again.nearest(rows[3])
    assert again.photographs == index.photographs
    assert [case.image_id for case in after] == [case.image_id for case in before]
    np.testing.assert_allclose([c.similarity for c in after], [c.similarity for c in before], atol=0.01)
    assert len(content) < rows.nbytes


def test_a_search_costs_little_beside_one_row_by_row() -> None:
    rows = embeddings(6008, channels=512)
    index, asked = SimilarIndex.build(rows, known(6008)), rows[5]

    ours = seconds(lambda: index.nearest(asked))
    whole = seconds(lambda: np.argsort(-cosines(rows, asked)))

    assert ours < whole


def seconds(run, repeats: int = 7) -> float:
    def once() -> float:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


@pytest.fixture(scope="module")
def indexed(trained: Path, drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder whose classifier has an index; half of the photographs have a line in the metadata."""
    folder = tmp_path_factory.mktemp("indexed")
    weights, data = folder / "weights", folder / "data"
    shutil.copytree(trained / NAME, weights / NAME)
    shutil.copytree(drawn, data)
    with (data / "HAM10000_metadata.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"])
        writer.writerows([f"L{i}", f"DRAWN_{i:04}", "nv", "follow_up", "", "", ""] for i in range(28))
    index_training(NAME, data, weights, split=str(drawn / "drawn.csv"))
    return weights


def test_an_index_holds_all_training_photographs_and_no_other(indexed: Path, drawn: Path) -> None:
    train, validation = splits.for_training(str(drawn / "drawn.csv"))
    others = {p.image_id for p in (*validation, *splits.for_testing(str(drawn / "drawn.csv")))}

    index = SimilarIndex.from_bytes(read_verified(read_card(indexed / NAME), indexed / NAME, FILE))

    found = {photograph.image_id for photograph in index.photographs}
    assert found == {photograph.image_id for photograph in train}
    assert not found & others


def test_a_classifier_with_an_index_names_similar_cases_and_how_they_were_confirmed(indexed: Path, drawn: Path) -> None:
    with Image.open(drawn / "DRAWN_0003.jpg") as image:
        prediction = Registry(indexed)[NAME].predict(upright_rgb(image))

    assert len(prediction.similar) == 5
    assert prediction.similar[0].image_id == "DRAWN_0003"
    assert prediction.similar[0].label == "df"
    assert {case.confirmed_by for case in prediction.similar} == {"follow_up"}


def test_a_classifier_without_an_index_names_none(trained: Path, drawn: Path) -> None:
    with Image.open(drawn / "DRAWN_0003.jpg") as image:
        assert Registry(trained)[NAME].predict(upright_rgb(image)).similar == ()


def test_an_index_that_the_card_does_not_vouch_for_is_not_loaded(indexed: Path, tmp_path: Path) -> None:
    shutil.copytree(indexed / NAME, tmp_path / NAME)
    (tmp_path / NAME / FILE).write_bytes(SimilarIndex.build(embeddings(5), known(5)).to_bytes())

    with pytest.raises(UnavailableError, match="not the file"):
        Registry(tmp_path)[NAME]


def test_the_command_writes_an_index(trained: Path, drawn: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / NAME, tmp_path / NAME)

    done = run_models("index", NAME, "--data", drawn, "--weights", tmp_path, "--split", drawn / "drawn.csv")

    assert done.status == 0, done.err
    assert "28 training photographs" in done.out
    assert read_verified(read_card(tmp_path / NAME), tmp_path / NAME, FILE)


def test_no_shipped_index_holds_a_photograph_that_was_not_for_training() -> None:
    cards = [read_card(path.parent) for path in sorted(SHIPPED.glob("*/card.json"))]

    for card in [card for card in cards if FILE in card.files]:
        train, _ = splits.for_training(str(card.training["split"]))
        index = SimilarIndex.from_bytes(read_verified(card, SHIPPED / card.name, FILE))

        assert {p.image_id for p in index.photographs} <= {p.image_id for p in train}, card.name
