"""How long records are kept: announced a month before they are erased, unless somebody says why they stay."""
