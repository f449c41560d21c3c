"""Marks that are planted in texts, and found again in bytes whatever was done to them.

    mark = Mark("alpha, blinded", rng)
    mark.text                      # "k8dx2ak8d…": goes into titles, comments, names …
    mark.find(data, data.lower())  # where, and in what form; None: nowhere

Found is any piece of 8 bytes of the text: as it is, in another case, reversed, percent-encoded, in
hexadecimal, in base64 at any offset, in UTF-16. Each piece contains the mark's tag, so a search for that
rules out nearly all data at once. The server's own ids have none of 0, 1, 8, 9, so they are never a mark.
"""

import base64
import string

PIECE = 8
ALPHABET = string.ascii_lowercase + string.digits


def base64_forms(piece):
    """What is certain of `piece` in base64, at each of the three offsets."""
    forms = []
    for offset in range(3):
        first, last = -(-8 * offset // 6), (8 * offset + 8 * len(piece)) // 6
        forms.append(base64.b64encode(b"\0" * offset + piece + b"\0" * 3)[first:last])
    return forms


def folded_forms(piece):
    """How `piece` may look in data that was put in lower case."""
    return [piece, piece[::-1], piece.hex().encode(), "".join(f"%{b:02x}" for b in piece).encode(),
            piece.decode().encode("utf-16-le")[:-1]]


class Mark:
    tags = set()

    def __init__(self, name, rng):
        self.name = name
        tag = None
        while tag is None or tag in Mark.tags:
            tag = rng.choice("bdfgkmpvwxz") + rng.choice("0189") + rng.choice("bdfgkmpvwxz")
        Mark.tags.add(tag)
        self.text = tag + "".join(
            "".join(rng.choice(ALPHABET) for _ in range(3)) + tag for _ in range(3))
        pieces = [self.text[i:i + PIECE].encode() for i in range(len(self.text) - PIECE + 1)]
        assert all(tag in piece.decode() for piece in pieces)
        self.tag_folded, self.tag_exact = folded_forms(tag.encode()), base64_forms(tag.encode())
        self.folded = [form for piece in pieces for form in folded_forms(piece)]
        self.exact = [form for piece in pieces for form in base64_forms(piece)]

    def find(self, data, lower):
        """Where the mark shows in `data` (`lower`: the same in lower case), as a text; else None."""
        if any(form in lower for form in self.tag_folded):
            for form in self.folded:
                at = lower.find(form)
                if at >= 0:
                    return f"mark {self.name!r} as {form!r} in {data[max(0, at - 100):at + 100]!r}"
        if any(form in data for form in self.tag_exact):
            for form in self.exact:
                at = data.find(form)
                if at >= 0:
                    return f"mark {self.name!r} in base64 in {data[max(0, at - 100):at + 100]!r}"
        return None
