"""The page of the own account: name, e-mail address, password, and where the person is signed in."""
