"""``make bench``: the product beside its alternatives."""
