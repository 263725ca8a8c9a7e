"""Asymmetry, border, colour and diameter of an outlined lesion, in numbers.

The four criteria are those of the ABCD rule of dermatoscopy (Nachbar et al., Journal of the American Academy of
Dermatology 30, 1994; Stolz et al., European Journal of Dermatology 4, 1994). That rule counts what a trained eye
sees: 0 to 2 axes of asymmetry of colour, structure and shape, 0 to 8 segments with an abrupt edge, 1 to 6 colours,
1 to 5 structures. The numbers here are not these counts, and no total dermoscopy score is made of them: they tell
whether an outline has changed.
"""

from models.abcd.measuring import measure

__all__ = ["measure"]
