"""An analysis whose photograph is a drawn lesion, with what an export of it tells."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.results.tables import Analysis
from app.storage import Storage
from tests.factories import make_analysis
from tests.pictures import lesion_picture, png

SIZE = (301, 225)  # an odd number of bytes
FRAME = {"width": 301, "height": 225, "frame_left": 38, "frame_top": 0, "frame_side": 225}


def make_photographed(session: Session, owner: User, storage: Storage, **columns: Any) -> Analysis:
    """Commit an analysis with its photograph; `columns` replace the ordinary."""
    photograph = png(lesion_picture(size=SIZE))
    digest = hashlib.sha256(photograph).hexdigest()
    analysis = make_analysis(session, owner, photograph_sha256=digest, **{**FRAME, **columns})
    storage.put(analysis.photograph_key, photograph)
    return analysis
