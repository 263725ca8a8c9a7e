"""Where the lesion is: a network that draws its outline, how it is trained, and how it is measured."""
