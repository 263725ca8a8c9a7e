"""Feed what reads files from outside with files that nobody has thought of: ``python -m fuzz``, see ``make fuzz``."""
