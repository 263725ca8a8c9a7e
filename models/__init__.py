"""The classifiers: networks, trained weights, and everything that makes, measures and serves them."""
