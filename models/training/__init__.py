"""Training: data, splits, augmentation, recipes and the resumable loop."""
