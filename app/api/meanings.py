"""What the description of the API says of it all, and of each status."""

from __future__ import annotations

ABOUT = """
Lentigo for other programs: photographs of pigmented skin lesions go in, the classifier's answer comes out, with
what is kept of patients, lesions and tests. Decision support, not a diagnosis; research software, no medical device.

Errors are problem details (RFC 9457). Operations that make something take an `Idempotency-Key`: the same request sent
again with the same key within a day makes nothing twice.
"""
MEANINGS = {
    200: "Done.",
    201: "Made.",
    202: "Accepted: the work goes on.",
    204: "Done; there is nothing to answer.",
    400: "The body can't be read at all.",
    401: "There is no valid token.",
    403: "The token's scope or the account's role is not enough, or the answer is hidden until there is an assessment.",
    404: "There is no such thing, or it is not yours.",
    409: "Not possible in the present state, or the same request is being worked on.",
    413: "The photograph, or the request, is too large.",
    414: "The address is too long: the web server answers, before Lentigo reads it.",
    415: "The content is of a kind that is not taken.",
    422: "Something that was sent can't be read or used; `errors` or `detail` says what.",
    429: "The token was used too often; `Retry-After` says when to go on.",
    500: "Something is wrong with what is stored; nothing was changed.",
    503: "The classifier or the database can't be reached now; `Retry-After` may say when to try again.",
}
