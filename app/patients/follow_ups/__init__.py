"""Follow-ups: the day on which a lesion is to be looked at again."""
