"""Invitations: an administrator lets somebody make an account in the clinic, by a link that is used once."""
