"""The pages on which a person registers and removes passkeys."""
