"""What servers of the black-box tests logged, and what must not be in there, kept for logs_test.py.

Every log of a server goes into one folder of the build. Beside it lies what the tests' requests held
that is nobody's but the caller's: noted by the class that each field declares in the proto.
"""

import itertools
import os
import pathlib
import re

from google.protobuf.descriptor import FieldDescriptor
from trialgate.v1 import field_class_pb2

FOLDER = pathlib.Path(os.environ["TRIALGATE_BUILD_DIR"]) / "test-logs"

# Classes of fields whose content no log may hold.
CONTENT = {
    field_class_pb2.FIELD_CLASS_REQUEST,
    field_class_pb2.FIELD_CLASS_BLINDED,
    field_class_pb2.FIELD_CLASS_OWN_DESK,
    field_class_pb2.FIELD_CLASS_ANSWER,
    field_class_pb2.FIELD_CLASS_PERSON,
    field_class_pb2.FIELD_CLASS_INTERNAL,
}

# Shorter texts are found by chance.
SHORTEST = 6
# Of longer ones the beginning is searched for.
LONGEST = 200
# What a program or a clock writes by itself is no mark: names of resources, dates, numbers.
NO_MARK = re.compile(r"[a-zA-Z]+/[^ ]*|[-0-9T:.+Z]*")

_numbers = itertools.count()


def new_log():
    """A file for one more server's log."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "none").split("::")[0].rsplit("/", 1)[-1]
    return _folder() / f"{test}-{os.getpid()}-{next(_numbers)}.log"


def note(*texts):
    """Notes texts that no log may hold: tokens, names, whatever a test makes up."""
    wanted = {text[:LONGEST] for text in texts if len(text) >= SHORTEST and not NO_MARK.fullmatch(text)}
    if wanted:
        with open(_folder() / f"{os.getpid()}.marks", "a", encoding="utf-8") as marks:
            marks.writelines(repr(text) + "\n" for text in sorted(wanted))


def note_principal(principal):
    """Notes the subject of a principal as the tests write it."""
    subject = principal.rsplit(":", 1)[-1]
    if len(subject) >= 4:
        with open(_folder() / f"{os.getpid()}.subjects", "a", encoding="utf-8") as subjects:
            subjects.write(repr(subject) + "\n")


def note_request(message):
    """Notes the texts of a request whose fields are of a class that no log may hold."""
    note(*_texts(message, False))


def _folder():
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER


def _texts(message, content):
    for field, value in message.ListFields():
        declared = field.GetOptions().Extensions[field_class_pb2.field_class]
        within = content or declared in CONTENT
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        many = field.label == FieldDescriptor.LABEL_REPEATED
        for element in value if many else [value]:
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                yield from _texts(element, within)
            elif field.type == FieldDescriptor.TYPE_STRING and within:
                yield element
