"""Access tokens: what a program shows in place of a password, for one person and within a scope."""
