"""The backtest as a program, on a few invented trials."""

import json
import os
import pathlib
import subprocess

BACKTEST = pathlib.Path(os.environ["TRIALGATE_BUILD_DIR"]) / "tools/registry/trialgate-backtest"


def trial(number, title, institution, region):
    return {"main_id": f"T{number}", "trial_title": title, "phase": "Not Applicable",
            "registration_date": f"2015-01-{number % 28 + 1:02}", "completion_date": "2017-01-01",
            "lead_institution": institution, "lead_region_iso": region}


def run(*arguments):
    return subprocess.run([BACKTEST, "--pack", "deploy/packs/denmark", *arguments],
                          capture_output=True, text=True, check=False)


def test_it_prints_shares_beside_the_baselines(tmp_path):
    trials = [trial(i, "Psoriasis", "OUH", "DK-83") for i in range(8)]
    trials += [trial(i, "Heart failure", "Aalborg Hospital", "DK-81") for i in range(8, 16)]
    trials.append(trial(20, "Nobody has heard of it", "Rigshospitalet", "DK-84"))
    path = tmp_path / "list.json"
    path.write_text(json.dumps(trials), encoding="utf-8")
    done = run("--trials", str(path))
    assert done.returncode == 0, done.stderr
    assert "17 trials asked, experience from 17 trials (16 with a site" in done.stdout
    lines = {line[2:30].strip(): line.split() for line in done.stdout.splitlines()}
    assert lines["always the biggest region"][-1] == "1.00"
    assert lines["regions by population"][-1] == "3.00"
    assert "Titles and conditions tell no speciality, so every region is as good: 1" in done.stdout
    assert done.stdout == run("--trials", str(path)).stdout, "the same twice"


def test_held_out_trials_are_asked_with_the_experience_of_others(tmp_path):
    known = tmp_path / "known.json"
    known.write_text(json.dumps([trial(i, "Psoriasis", "OUH", "DK-83") for i in range(20)]),
                     encoding="utf-8")
    held_out = tmp_path / "held-out.json"
    held_out.write_text(json.dumps([dict(trial(99, "Psoriasis", "OUH", "DK-83"),
                                         registration_date="2016-01-01")]), encoding="utf-8")
    done = run("--trials", str(held_out), "--known", str(known), "--each")
    assert done.returncode == 0, done.stderr
    assert "1 trials asked, experience from 20 trials" in done.stdout
    named = done.stdout.splitlines()[0].split("\t")[2].split(",")
    assert named[0] == "regions/southern-denmark" and len(named) == 3


def test_what_is_no_list_is_refused(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("[3]", encoding="utf-8")
    done = run("--trials", str(path))
    assert done.returncode == 1
    assert "list.json: the list of trials holds something that is no object" in done.stderr
