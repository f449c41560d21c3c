"""The HTML reference of the API, and the rules that find what the protos leave unsaid."""

import html.parser
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "reference"
sys.path.insert(0, str(ROOT / "tools" / "lib"))

import proto_model  # noqa: E402
import reference_html  # noqa: E402


@pytest.fixture(scope="module")
def model():
    return proto_model.load(ROOT / "proto")


class Anchors(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.links, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if "id" in values:
            self.ids.append(values["id"])
        if values.get("href", "").startswith("#"):
            self.links.append(values["href"][1:])
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> does not close what is open"


@pytest.fixture(scope="module")
def page(model):
    return reference_html.Page(model).render()


def test_every_element_has_an_anchor_and_every_link_one_to_go_to(model, page):
    anchors = Anchors()
    anchors.feed(page)
    assert len(anchors.ids) == len(set(anchors.ids))
    assert {element.full_name for element in model.elements()} <= set(anchors.ids)
    assert set(anchors.links) <= set(anchors.ids)
    assert not anchors.open


def test_a_method_tells_who_may_call_it_and_how_it_is_accounted_for(model, page):
    at = page.index('<h3 id="ReferralService.AnswerReferral">')
    said = page[at:page.index("<h3", at + 4)]
    for words in ("REFERRAL_WORK</a> — coordinator, national", "OWN</a>", "WRITE</a>", "recorded",
                  '<a href="#AnswerReferralRequest">', '<a href="#ErrorReason.ERROR_REASON_NO_FREE_SLOT">'):
        assert words in said


def test_a_field_tells_type_class_and_what_holds_of_all_of_its_name(page):
    at = page.index('<tr id="ListSitesRequest.page_token">')
    row = page[at:page.index("</tr>", at)]
    assert "string" in row and ">control</a>" in row and "INVALID_PAGE_TOKEN" in row


def test_what_a_comment_says_in_angles_is_text(model):
    model = proto_model.load(ROOT / "proto")
    model.messages[0].comment = "Less than <b>."
    assert "&lt;b&gt;" in reference_html.Page(model).render()


def test_the_tool_writes_one_page(tmp_path):
    done = subprocess.run([TOOL, "--output", tmp_path], capture_output=True, text=True, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert done.stdout.strip() == str(tmp_path / "index.html")


def test_the_protos_leave_nothing_unsaid():
    done = subprocess.run([TOOL, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "file, before, after, said",
    [
        ("referral.proto", "// Patients that the site says it will recruit, 0 to 1000000.",
         "// Patients that the site says it will recruit.",
         "Offer.patients_claimed: a number without its range"),
        ("directory.proto", "// Slots occupied by trials that the site declared, 0 to 1000.",
         "// What the place declared, 0 to 1000.", "MonthUse.occupied_declared: a number without its unit"),
        ("referral.proto", "  // Conditions in words; at most 4096 bytes.", "  // Its conditions.",
         "Offer.conditions: a text without a form or a bound"),
        ("referral.proto", "// Sites offered; at most 1000.", "// Sites offered.",
         "Referral.offers: a list without a bound"),
        ("trial_request_service.proto", "  // Returns a request. NOT_FOUND.", "  // Returns a request.",
         "TrialRequestService.GetTrialRequest: a method without its errors"),
        ("trial_request_service.proto", "before a pack was applied.", "or INVALID_ARGUMENT (NO_PACKS).",
         "TrialRequestService.SubmitTrialRequest: names the reason NO_PACKS, which there is not"),
        ("trial_request_service.proto", "  // Returns a request. NOT_FOUND.",
         "  // Returns a request. Its errors are as of GetTrialRequests.",
         "TrialRequestService.GetTrialRequest: has the errors of GetTrialRequests, which is no method"),
        ("referral.proto", "  // Firm or tentative; required.\n", "",
         "Offer.firmness: no comment that says its meaning in a sentence"),
        ("referral.proto", "  // Too few such patients.", "  // Patients",
         "RefusalReason.REFUSAL_REASON_NO_PATIENTS: no comment that says its meaning in a sentence"),
    ],
)
def test_what_is_unsaid_is_found(tmp_path, file, before, after, said):
    protos = tmp_path / "proto"
    shutil.copytree(ROOT / "proto" / "trialgate", protos / "trialgate")
    path = protos / "trialgate" / "v1" / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    done = subprocess.run([TOOL, "--check", "--protos", protos], capture_output=True, text=True, check=False)
    (line,) = done.stdout.splitlines()
    assert done.returncode == 1 and line.endswith(said) and f"/{file}:" in line
