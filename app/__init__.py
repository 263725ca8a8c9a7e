"""The web application of Lentigo."""
