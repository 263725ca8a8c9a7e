"""How well lesions are outlined: against the experts, against a method without a network, and against itself."""
