"""Which of our body sites a region of the body is that a DICOM file names (PS3.16, CID 4029 and 4031; PS3.3, C.7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OWN = "99LENTIGO"  # the scheme of the one site that SNOMED CT has no concept for
# SNOMED CT identifiers; a region that could be two of our sites is in none of them
_CODES = {
    "abdomen": "75093004 699935000 699914002 315003 30598005 367578008 113345001",
    "acral": (
        "70887009 26795005 89784008 770809003 770810008 770815003 770816002 770817006 770818001 "
        "770805009 770822006 770823001 770825008 770821004 770820003"
    ),
    "back": "66643007 113182001 699893008 244111001 77568009",
    "chest": "74160004 244106003 699915001 244107007 54468004 72005009 66288003 51185008 76752008",
    "ear": "1902009 2059009 79502000 38407007 79313003 57726007 51098001 45591000 86409001 117590005",
    "face": (
        "73897004 68698007 23747009 113179006 79283007 314395006 68598004 88089004 66934001 16251004 84365009 "
        "36141000 244097004 37108007 362916000 41310005 40069000 27887005 37671003 367577003 110488009 86719006 "
        "16621002 89545001 45206002 60819002"
    ),
    "foot": "60496002 52034004 84607009 699909001 699919007 56459004",
    "genital": (
        "60944009 35900000 7991003 244118007 244117002 81992007 73058008 128252004 128253009 29353003 76723005 "
    ),
    "hand": "33712006 281642007 244169007 85562004",
    "lower extremity": (
        "371304004 61248009 4578000 73958006 181553006 84507004 25763004 47224004 181564009 181563003 61685007 "
        "68367000 30021000 72696002"
    ),
    "neck": "43081002 11584001 5272005 4658004 76072005 34926004 45048000",
    "scalp": "43067004 79951008 21672008 61719002 41695006",
    "trunk": "86381001 22180002 63029009 54440003 181491009 22943007 46862004",
    "upper extremity": (
        "371311000 45981001 72939005 70559009 41550009 181536004 17957002 52876008 24527008 53120007 40983000 "
        "14975008 16982005 74670003"
    ),
}
SITES: Mapping[str, str] = MappingProxyType({code: site for site, codes in _CODES.items() for code in codes.split()})

# terms of Body Part Examined (PS3.16, annex L)
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "ABDOMEN": "abdomen", "BACK": "back", "UPPERBACK": "back", "LOWERBACK": "back", "CHEST": "chest",
        "BREAST": "chest", "EAR": "ear", "FACE": "face", "NOSE": "face", "CHEEK": "face", "FOREHEAD": "face",
        "LIP": "face", "FOOT": "foot", "PENIS": "genital", "SCROTUM": "genital", "HAND": "hand",
        "LEG": "lower extremity", "THIGH": "lower extremity", "CALF": "lower extremity", "KNEE": "lower extremity",
        "ANKLE": "lower extremity", "NECK": "neck", "SCALP": "scalp", "TRUNK": "trunk", "BUTTOCK": "trunk",
        "ARM": "upper extremity", "FOREARM": "upper extremity", "HUMERUS": "upper extremity",
        "ELBOW": "upper extremity", "SHOULDER": "upper extremity", "WRIST": "upper extremity",
    }
)  # fmt: skip
