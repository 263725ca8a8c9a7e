"""The sentences of the patient's page: short, plain, without figures, and never calmer than a clinician's verdict.

What the classifier answered is not among what they depend on; whether it accepted the photograph is.
"""

from __future__ import annotations

from types import MappingProxyType

TITLE = "About a spot on your skin"
FOOT = "This page explains what was done. It does not take the place of talking with your clinician."

PLACES = MappingProxyType(
    {
        "abdomen": "belly",
        "acral": "hand or foot",
        "genital": "genital area",
        "lower extremity": "leg",
        "trunk": "body",
        "upper extremity": "arm",
    }
)
LOOKED = (
    "A computer program has looked at the photograph, too. It helps clinicians to look closely and decides nothing."
)
NOT_USED = "A computer program was to look at the photograph, too, but the photograph was not good enough for it."

# what a lesion is called, after "it is"; of those that can be named calmly
NAMES = MappingProxyType(
    {
        "nv": "a mole",
        "bkl": "a thickening of the skin that comes with age",
        "df": "a small firm knot in the skin, called dermatofibroma",
        "vasc": "a spot made of small blood vessels",
        "other_benign": "a change of the skin other than cancer",
    }
)
BASES = MappingProxyType(
    {
        "histology": "A sample of the skin was looked at under a microscope.",
        "follow_up": "It was watched for some time and has not changed.",
        "consensus": "Several specialists have looked at it and agree.",
    }
)
KNOWN_BENIGN = "Your clinician has found out what the spot is: it is {name}. {basis} It is not skin cancer."
KNOWN_MALIGNANT = (
    "Your clinician has found out what the spot is. It needs treatment, or more checks. Your clinician explains the "
    "result to you in person. Please ask everything that you want to know."
)
SEEN_BENIGN = (
    "Your clinician has looked at the spot and thinks that it is {name}. This was judged by looking. No sample of the "
    "skin was examined."
)
SEEN_SUSPICIOUS = (
    "Your clinician has looked at the spot and wants to know more about it. What it is can't be said by looking alone."
)
SEEN_UNCERTAIN = "Your clinician has looked at the spot. What it is can't be said for certain yet."
NOT_SEEN = "Your clinician will talk with you about the photograph. This page does not say what the spot is."
NOT_SEEN_REFUSED = (
    "Nothing can be said from this photograph, neither good nor bad. Your clinician will look at the spot itself, or "
    "take the photograph again."
)
NOT_FROM_THE_PHOTOGRAPH = "This does not come from the computer program, which could not use the photograph."

ONE_SPOT = "This page is about this one spot, on that day. It says nothing about other spots on your skin."
SURFACE = "A photograph shows only the surface of the skin. It can't rule out an illness."

COME_BACK = "Please don't wait for an appointment, but get in touch with us, if"
SIGNS = (
    "the spot grows, or changes its colour or its shape,",
    "it bleeds, itches, hurts or does not heal, or",
    "you find a new spot that looks different from the others.",
)
ASK_HERE = "Please ask at {clinic}."
REACH = "You reach {clinic} like this: {contact}."
