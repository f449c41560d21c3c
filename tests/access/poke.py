"""Messages of any type, filled by what their fields are called: names, tokens and ids of others, and rubbish.

A method that is new is poked from its first day, whatever it takes.
"""

MAX_DEPTH = 3
NAMES = ("name", "parent", "resource", "referral", "request", "trial_request", "person", "contact")


def fill(message, rng, loot, own_text, depth=0):
    """`loot`: lists of what others have, by kind: names, tokens, request_ids, etags."""
    # A message with much in it is refused for some of it; one with little is let through.
    left_out = rng.choice((0.25, 0.9, 1))
    for field in message.DESCRIPTOR.fields:
        if rng.random() < left_out and field.name not in ("request_id", "name"):
            continue
        if field.type == field.TYPE_MESSAGE:
            if depth < MAX_DEPTH and field.message_type.full_name.startswith("trialgate."):
                value = getattr(message, field.name)
                inner = value.add() if field.label == field.LABEL_REPEATED else value
                fill(inner, rng, loot, own_text, depth + 1)
            continue
        value = scalar(field, rng, loot, own_text)
        if field.label == field.LABEL_REPEATED:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)
    return message


def scalar(field, rng, loot, own_text):
    if field.type == field.TYPE_STRING:
        kind = {"page_token": "tokens", "resume_token": "tokens", "request_id": "request_ids", "etag": "etags"}.get(field.name)
        if field.name in NAMES or (kind is None and rng.random() < 0.3):
            kind = "names"
        pool = loot.get(kind, ())
        return rng.choice(pool) if pool and rng.random() < 0.8 else own_text + " " + field.name
    if field.type == field.TYPE_BYTES:
        return own_text.encode()
    if field.type == field.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type in (field.TYPE_DOUBLE, field.TYPE_FLOAT):
        return rng.random()
    if field.type == field.TYPE_ENUM:
        return rng.choice(field.enum_type.values).number
    return rng.choice((0, 1, 2, 50, 1000, -1, 2**31 - 1))
