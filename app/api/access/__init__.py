"""Who calls, and the access tokens that this person has, for programs."""
