"""Links that are mailed: a new password, another e-mail address, an account that is to be made."""
