"""`trialgate pack experience` as a person runs it: no server, a copy of the Danish pack."""

import json
import os
import pathlib
import shutil
import subprocess

CLI = pathlib.Path(os.environ["TRIALGATE_BUILD_DIR"]) / "tools/cli/trialgate"
PACK = pathlib.Path("deploy/packs/denmark")

RECORD = {"protocolSection": {
    "identificationModule": {"nctId": "NCT90000001", "briefTitle": "Psoriasis at two hospitals"},
    "statusModule": {"studyFirstSubmitDate": "2018-02-10", "startDateStruct": {"date": "2018-04"},
                     "completionDateStruct": {"date": "2020-01-31"}},
    "conditionsModule": {"conditions": ["Psoriasis"]},
    "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE2", "PHASE3"]},
    "armsInterventionsModule": {"interventions": [{"type": "DRUG"}]},
    "contactsLocationsModule": {"locations": [
        {"facility": "OUH", "city": "Odense", "state": "Zealand", "zip": "DK 5000",
         "country": "Denmark"},
        {"facility": "A private clinic", "city": "Copenhagen", "zip": "1364",
         "country": "Denmark"}]}}}


def run(*arguments):
    return subprocess.run([CLI, "pack", "experience", *arguments], capture_output=True, text=True,
                          check=False)


def pack_and_records(folder):
    pack = folder / "pack"
    shutil.copytree(PACK, pack)
    records = folder / "records"
    records.mkdir()
    (records / "a.json").write_text(json.dumps(RECORD), encoding="utf-8")
    return pack, records


def test_it_shows_what_it_counts_and_what_it_cannot_place(tmp_path):
    pack, records = pack_and_records(tmp_path)
    before = (pack / "experience.json").read_bytes()
    done = run(str(pack), "--trials", str(records), "--as-of", "2019-12-31", "-o", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["sites"] == [{"site": "sites/ouh-dermato-allergology",
                              "trials": {"PHASE_PHASE2": 1, "PHASE_PHASE3": 1}}]
    assert [one["trial"] for one in told["unplaced"]] == ["NCT90000001"]
    assert "A private clinic" in told["unplaced"][0]["reason"]
    assert "Nothing is written" in done.stderr
    assert (pack / "experience.json").read_bytes() == before


def test_it_writes_the_packs_file_the_same_each_time(tmp_path):
    pack, records = pack_and_records(tmp_path)
    arguments = (str(pack), "--trials", str(records), "--as-of", "2019-12-31", "--write")
    assert run(*arguments).returncode == 0
    first = (pack / "experience.json").read_bytes()
    assert run(*arguments).returncode == 0, "what it wrote is no input of the next"
    assert (pack / "experience.json").read_bytes() == first
    values = json.loads(first)["siteValues"]
    assert [value["name"] for value in values] == ["sites/ouh-dermato-allergology"]
    assert values[0]["phases"][0]["source"]["kind"] == "SOURCE_KIND_IMPORTED"
    assert values[0]["phases"][0]["source"]["asOf"] == "2019-12-31"


def test_what_cannot_be_read_is_told(tmp_path):
    pack, records = pack_and_records(tmp_path)
    done = run(str(pack), "--trials", str(records), "--as-of", "yesterday")
    assert done.returncode != 0 and "--as-of" in done.stderr
    done = run(str(pack), "--trials", str(tmp_path / "absent.json"), "--as-of", "2019-12-31")
    assert done.returncode != 0 and "absent.json" in done.stderr
    (records / "b.json").write_text("{", encoding="utf-8")
    done = run(str(pack), "--trials", str(records), "--as-of", "2019-12-31")
    assert done.returncode != 0 and "b.json" in done.stderr
    (pack / "registry/places.yaml").write_text("hospitals: [3]", encoding="utf-8")
    done = run(str(pack), "--trials", str(records), "--as-of", "2019-12-31")
    assert done.returncode != 0 and "file of places" in done.stderr
