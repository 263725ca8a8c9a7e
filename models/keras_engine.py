"""The reference engine: a classifier's networks in Keras, with the weights that its card vouches for."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.architectures import ARCHITECTURES, build_network
from models.architectures.base import EMBEDDING, FEATURES, class_logits
from models.card import Card, read_verified, weights_file
from models.class_maps import class_maps
from models.views import VIEWS, shares

if TYPE_CHECKING:
    import keras


def load_network(card: Card, folder: Path, member: int = 0) -> keras.Model:
    """Build a member of a card in code and load its weights; CardError unless their SHA-256 is the card's."""
    content = read_verified(card, folder, weights_file(member))
    network = build_network(ARCHITECTURES[card.architectures[member]], len(card.classes))
    with tempfile.NamedTemporaryFile(suffix=".weights.h5") as file:  # Keras reads weights from a path only
        file.write(content)
        file.flush()
        network.load_weights(file.name)
    return network


def served_network(card: Card, folder: Path) -> keras.Model:
    """Return a classifier in Keras, with everything that the compiled one answers; errors as above."""
    networks = [load_network(card, folder, member) for member in range(card.members)]
    middle_layers = [ARCHITECTURES[name].middle_layer for name in card.architectures]
    return with_explanation(networks, card.input_px, card.scaling, middle_layers, card.views)


def with_explanation(
    members: Sequence[keras.Model], px: int, scaling: str, middle_layers: Sequence[str], views: int
) -> keras.Model:
    """Return a classifier as it is served: input (n, px, px, 3), and all that it answers.

    `view_logits` (n, views, classes) are the logits of each of the first so many of `models.views.VIEWS`, each seen by
    the member whose share it is; `logits` are their mean, and `class_maps` (see `models.class_maps`) are a mean over
    the views as well. `embedding` and `middle`, the channel means of each member's middle layer, are means over its
    views, and the members' stand one after the other.
    """
    import keras  # noqa: PLC0415 - seconds to import
    from keras import ops  # noqa: PLC0415 - as slow to import

    image = keras.Input((px, px, 3), name="image")
    seen = shares(views, len(members))
    answers = [
        _member_answers(member, image, scaling, middle_layer, share)
        for member, middle_layer, share in zip(members, middle_layers, seen, strict=True)
    ]
    parts = {name: ops.concatenate([one[name] for one in answers], axis=1) for name in answers[0]}
    order = [view for share in seen for view in share]
    logits = ops.take(parts["view_logits"], [order.index(view) for view in range(views)], axis=1)
    return keras.Model(
        image,
        {
            "logits": ops.mean(logits, axis=1),
            "view_logits": logits,
            "embedding": parts["embedding"],
            "middle": parts["middle"],
            "class_maps": ops.mean(parts["class_maps"], axis=1),
        },
    )


def _member_answers(network: keras.Model, image: Any, scaling: str, middle_layer: str, share: Sequence[int]) -> Any:
    """Return what one member answers for its share of the views: logits and class maps by view, the rest as means."""
    import keras  # noqa: PLC0415 - seconds to import
    from keras import ops  # noqa: PLC0415 - as slow to import

    head = network.layers[network.layers.index(network.get_layer(FEATURES)) + 1 :]
    layers = [network.get_layer(name) for name in (middle_layer, EMBEDDING, FEATURES)]
    inner = keras.Model(network.input, [layer.output for layer in (*layers, *head)])
    views = [VIEWS[i] for i in share]
    batch = ops.concatenate([view.of(image, scaling, ops) for view in views], axis=0)
    middle, embedding, features, *answers = inner(batch, training=False)

    def by_view(answers: Any) -> list[Any]:
        return ops.split(answers, len(views), axis=0)  # type: ignore[no-any-return]  # keras.ops is untyped

    maps = by_view(class_maps(head, answers, features))
    return {
        "view_logits": ops.stack(by_view(class_logits(answers[-1])), axis=1),
        "embedding": ops.mean(ops.stack(by_view(embedding)), axis=0),
        "middle": ops.mean(ops.stack(by_view(ops.mean(middle, axis=(1, 2)))), axis=0),
        "class_maps": ops.stack([view.undone(part, ops) for view, part in zip(views, maps, strict=True)], axis=1),
    }
