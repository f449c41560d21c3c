"""A mark is found in every disguise, and not where it is not."""

import base64
import random

from tests.access.marks import Mark


def test_a_piece_of_a_mark_is_found_in_every_disguise():
    rng = random.Random(7)
    mark, other = Mark("one", rng), Mark("two", rng)
    for start in range(len(mark.text) - 8 + 1):
        piece = mark.text[start:start + 8]
        disguises = [
            piece, piece.upper(), piece[::-1], piece.encode().hex(), piece.encode().hex().upper(),
            "".join(f"%{ord(c):02X}" for c in piece), piece.encode("utf-16-le").decode("latin-1")]
        disguises += [base64.b64encode(f"{'.' * i}{piece}..".encode()).decode() for i in range(3)]
        disguises += [base64.urlsafe_b64encode(f"\xff{piece}\xff".encode()).decode()]
        for disguise in disguises:
            data = ("before " + disguise + " after").encode("latin-1")
            assert mark.find(data, data.lower()), (piece, disguise)
            assert not other.find(data, data.lower())


def test_ids_of_the_server_are_no_marks():
    rng = random.Random(8)
    marks = [Mark(str(i), rng) for i in range(20)]
    ids = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(200_000)).encode()
    assert not any(mark.find(ids, ids) for mark in marks)
