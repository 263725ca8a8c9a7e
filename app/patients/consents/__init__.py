"""What a patient has agreed to: given or withdrawn, use by use, and nothing of it ever overwritten."""
