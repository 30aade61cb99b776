"""A short name for a consultation, to be said on the phone. It opens nothing."""

import secrets

# Crockford's 32: without I, L, O and U none is taken for another, nor do they spell words.
CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5


def new_reference(prefix: str) -> str:
    """Random and not a count: a number would tell how many people ask."""
    return f"{prefix}-" + "".join(secrets.choice(CHARACTERS) for _ in range(LENGTH))
