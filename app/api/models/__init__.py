"""The classifiers, as their cards describe them."""
