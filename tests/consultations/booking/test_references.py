import re

from consultations.booking.models import generate_reference


def test_references_are_readable_and_random() -> None:
    made = [generate_reference("HC") for _ in range(500)]
    assert all(re.fullmatch(r"HC-[0-9A-HJKMNP-TV-Z]{5}", one) for one in made)
    assert len(set(made)) > 495
    assert made != sorted(made)
