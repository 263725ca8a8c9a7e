"""Files from outside are read in processes of their own: here is what asks them, `inside` is what they run.

Nothing is imported here: the processes that decode are to load as little as can be.
"""
