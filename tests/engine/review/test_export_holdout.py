import json
from dataclasses import replace

import exporting as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.__main__ import main
from engine.data.dataset import Example, find_examples
from engine.data.held_out import (
    HeldOutFilm,
    HoldOutList,
    among,
    pixels_sha256,
    read_hold_out_list,
    refuse_held_out,
    without_held_out,
    write_hold_out_list,
)
from engine.errors import DataError, FilmReadError
from engine.films import read_film
from engine.review.export import ExportOptions, FilmCopy, export_bundle
from engine.review.holdout import HOLDOUT, TRAIN, FilmIdentity, HoldoutPlan, draw

SHARE = 0.3


@pytest.fixture
def items(tmp_path):
    """Twenty films of ten patients, a fracture on every second one."""
    folder = tmp_path / "films"
    folder.mkdir()
    found = []
    for at in range(20):
        path = folder / f"{at:02d}.png"
        made.write_png(path, made.pixels(at))
        make = made.item if at % 2 else made.negative
        found.append(make(path, patient=f"patient{at // 2}"))
    return found


def parts(report):
    told = made.manifest_of(report)["items"]
    return {one["key"]: (one["part"], one["patient"]) for one in told}


def test_among_no_films_there_is_none_and_no_film_judged_by_is_read(tmp_path):
    judged = Example(tmp_path / "gone.png", tmp_path / "gone.json", (), (10, 10))
    assert among((), (judged,)) == ()
    with pytest.raises(FilmReadError, match=r"gone\.png"):
        among((judged,), (judged,))


def test_no_patient_lies_in_both_parts_and_every_film_in_one(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", ("labelme", "coco"), holdout_share=SHARE))
    dealt = parts(report)
    assert len(dealt) == 20
    sides = {part: {who for side, who in dealt.values() if side == part} for part in (TRAIN, HOLDOUT)}
    assert not sides[TRAIN] & sides[HOLDOUT]
    assert len(sides[HOLDOUT]) == sum(draw(f"patient{at}") < SHARE for at in range(10)) > 0
    assert (report.training_films, report.held_out_films) == (2 * len(sides[TRAIN]), 2 * len(sides[HOLDOUT]))
    for part in (TRAIN, HOLDOUT):
        labels = {path.stem for path in (report.folder / part / "images").glob("*.json")}
        assert labels == {key.removesuffix(".png") for key, (side, _who) in dealt.items() if side == part}
        coco = json.loads((report.folder / part / "coco.json").read_text())
        assert {one["file_name"] for one in coco["images"]} == {f"images/{stem}.png" for stem in labels}


def test_the_list_knows_the_held_out_films(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", holdout_share=SHARE))
    held = read_hold_out_list(report.folder / "holdout.json")
    assert {one.film for one in held.films} == {
        f"holdout/images/{key}" for key, (side, _who) in parts(report).items() if side == HOLDOUT
    }
    for one in held.films:
        assert one.pixels_sha256 == pixels_sha256(read_film(report.folder / one.film))
        assert one.size == made.SIZE
        assert (one.patient or "").startswith("patient")
    assert len(held.compared) == report.training_films
    assert not (export_bundle(items, ExportOptions(tmp_path / "none")).folder / "holdout.json").exists()


def test_a_patient_stays_on_one_side_in_every_export(items, tmp_path):
    first = parts(export_bundle(items[:12], ExportOptions(tmp_path / "one", holdout_share=SHARE)))
    more = parts(export_bundle(items[::-1], ExportOptions(tmp_path / "two", holdout_share=SHARE)))
    assert {key: more[key] for key in first} == first


def test_an_earlier_export_in_the_folder_goes_before_the_share(items, tmp_path):
    out = tmp_path / "out"
    first = parts(export_bundle(items[:12], ExportOptions(out, holdout_share=SHARE)))
    for share in (0.9, 0.0):
        report = export_bundle(items, ExportOptions(out, holdout_share=share))
        again = parts(report)
        assert {key: again[key] for key in first} == first
        assert (report.folder / "holdout.json").exists()
    assert sum(side == HOLDOUT for side, _who in again.values()) < 20


def test_a_de_identified_export_is_stayed_true_to_by_its_pictures(items, tmp_path):
    out = tmp_path / "out"
    hidden = export_bundle(items[:12], ExportOptions(out, holdout_share=SHARE, deidentify=True))
    held = {one["pixels_sha256"] for one in made.manifest_of(hidden)["items"] if one["part"] == HOLDOUT}
    plain = export_bundle(items[:12], ExportOptions(out, holdout_share=0.0))
    assert {one["pixels_sha256"] for one in made.manifest_of(plain)["items"] if one["part"] == HOLDOUT} == held


def test_the_same_picture_twice_is_never_on_both_sides(items, tmp_path):
    held = next(at for at in range(10) if draw(f"patient{at}") < SHARE)
    kept = next(at for at in range(10) if draw(f"patient{at}") >= SHARE)
    copy = tmp_path / "films" / "copy.jpg"
    copy.write_bytes(items[2 * held].film_path.read_bytes())
    twin = replace(items[2 * held], film_path=copy, patient=None)
    other = replace(twin, patient=f"patient{kept}")
    report = export_bundle([*items, twin, other], ExportOptions(tmp_path / "out", holdout_share=SHARE))
    assert parts(report)["copy.jpg"][0] == HOLDOUT
    assert [one.film for one in report.skipped] == ["copy.jpg"]
    assert "both among the training films and in the hold-out" in report.skipped[0].reason


def test_a_hold_out_is_not_left_empty_by_the_draw(items, tmp_path):
    kept = [one for one in items if draw(one.patient) >= 0.5][:6]
    for films_are in FilmCopy:
        options = ExportOptions(tmp_path / films_are.value, ("labelme", "yolo"), films_are, holdout_share=0.01)
        report = export_bundle(kept, options)
        aside = {who for side, who in parts(report).values() if side == HOLDOUT}
        assert aside == {min((one.patient for one in kept), key=draw)}
        assert report.held_out_films == 2
        assert {path for path in report.folder.rglob("*") if path.is_file()} == set(report.written)
        seen = made.judged_by_labelme((report.folder / HOLDOUT / "images").glob("*.json"))
        assert [one.get("error") for one in seen.values()] == [None] * 2


def test_a_film_that_the_draw_put_aside_takes_its_copies_with_it(items, tmp_path):
    first = min((one for one in items if draw(one.patient) >= 0.5), key=lambda one: draw(one.patient))
    kept = [one for one in items if draw(one.patient) > draw(first.patient)]
    copy = tmp_path / "films" / "copy.png"  # Of no patient: its own draw leaves it among the training films.
    copy.write_bytes(first.film_path.read_bytes())
    twin = replace(first, film_path=copy, patient=None)
    assert draw(pixels_sha256(read_film(copy))) >= 0.01
    report = export_bundle([first, twin, *kept], ExportOptions(tmp_path / "out", holdout_share=0.01))
    dealt = parts(report)
    assert dealt[copy.name][0] == dealt[first.film_path.name][0]
    refuse_held_out(tuple(find_examples(report.folder / TRAIN)), report.folder / TRAIN)


def test_a_hold_out_that_can_tell_nothing_is_warned_of(items, tmp_path):
    alone = export_bundle(items[:2], ExportOptions(tmp_path / "a", holdout_share=0.01))
    assert "no film was put aside for testing" in alone.warnings[0]
    all_of = [one for one in items if draw(one.patient) < 0.9]
    everything = export_bundle(all_of, ExportOptions(tmp_path / "b", holdout_share=0.9))
    assert "every film was put aside" in everything.warnings[0]
    normal = export_bundle(items[::2], ExportOptions(tmp_path / "c", holdout_share=SHARE))
    assert "has a fracture: it can't tell how many" in normal.warnings[0]
    broken = export_bundle(items[1::2], ExportOptions(tmp_path / "d", holdout_share=SHARE))
    assert "left alone" in broken.warnings[0]


def test_training_and_splitting_leave_the_hold_out_of_an_export_out(items, tmp_path, capsys):
    report = export_bundle(items, ExportOptions(tmp_path / "out", holdout_share=SHARE))
    examples = find_examples(report.folder)
    kept = without_held_out(examples, report.folder)
    assert (len(examples), len(kept)) == (20, report.training_films)
    assert {one.film.parent.parent.name for one in kept} == {TRAIN}
    assert main(["split", str(report.folder), "--out", str(tmp_path / "split.json")]) == 0
    shown = capsys.readouterr().out
    assert f"{report.held_out_films} films that an export held out for testing are left out" in shown
    placed = json.loads((tmp_path / "split.json").read_text())
    assert sum(len(placed[part]) for part in ("train", "valid", "test")) == report.training_films
    refuse_held_out(find_examples(report.folder / TRAIN), report.folder / TRAIN)
    with pytest.raises(DataError, match="none is left to train on"):
        without_held_out(find_examples(report.folder / HOLDOUT), report.folder / HOLDOUT)


def test_films_by_path_are_left_out_too(items, tmp_path):
    report = export_bundle(items, ExportOptions(tmp_path / "out", films=FilmCopy.PATH, holdout_share=SHARE))
    kept = without_held_out(find_examples(report.folder), report.folder)
    assert len(kept) == report.training_films


@pytest.mark.parametrize("how", ["file", "packed anew", "patient"])
def test_training_refuses_held_out_films_by_name_whatever_they_are_called(how, items, tmp_path, capsys):
    report = export_bundle(items, ExportOptions(tmp_path / "out", holdout_share=SHARE))
    held = read_hold_out_list(report.folder / "holdout.json").films[0]
    copy = report.folder / TRAIN / "images" / "smuggled.png"
    if how == "patient":
        made.write_png(copy, made.pixels(99))
    elif how == "file":
        copy.write_bytes((report.folder / held.film).read_bytes())
    else:
        made.write_png(copy, read_film(report.folder / held.film).pixels[::1])
        data = copy.read_bytes()
        copy.write_bytes(data[:33] + made.chunk(b"tEXt", b"Comment\x00other bytes") + data[33:])
    label = json.loads((report.folder / held.film).with_suffix(".json").read_text())
    label["imagePath"] = copy.name
    label["vcfviewer"]["patient"] = held.patient if how == "patient" else None
    copy.with_suffix(".json").write_text(json.dumps(label))
    for data in (report.folder, report.folder / TRAIN, report.folder / TRAIN / "images"):
        found = without_held_out if data == report.folder else refuse_held_out
        with pytest.raises(DataError, match=r"1 films are held out by .*holdout\.json .*: smuggled\.png; train on"):
            found(find_examples(data), data)
    arguments = ["train", str(report.folder / TRAIN), "--out", str(tmp_path / "run")]
    assert main(arguments) == 1
    assert "smuggled.png" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_list_that_cannot_be_read_stops_training(items, tmp_path):
    report = export_bundle(items[:4], ExportOptions(tmp_path / "out"))
    path = report.folder / "holdout.json"
    for text in ("", "[]", '{"format": "other"}', '{"format": "vcfviewer hold-out list", "films": [{}]}'):
        path.write_text(text)
        with pytest.raises(DataError, match=r"holdout\.json: expected a hold-out list .* isn't known"):
            refuse_held_out(find_examples(report.folder), report.folder)


def test_a_list_comes_back_as_it_was_written(tmp_path):
    films = (HeldOutFilm("holdout/a.png", "a", "b", (3, 4), None), HeldOutFilm("../c.png", "d", "e", (5, 6), "who"))
    held = HoldOutList(films, frozenset({"x", "y"}))
    write_hold_out_list(tmp_path / "holdout.json", held)
    assert read_hold_out_list(tmp_path / "holdout.json") == held


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 5)), max_size=40), st.floats(0, 0.99))
def test_no_picture_and_no_patient_is_dealt_to_both_parts(films, share):
    plan = HoldoutPlan(share)
    sides = {}
    for picture, who in films:
        film = FilmIdentity(f"file{picture}", f"pixels{picture}", None if who is None else f"patient{who}")
        part = plan.part(film)
        for key in film.keys if part is not None else ():
            assert sides.setdefault(key, part) == part


def test_the_draw_meets_the_share_on_average():
    drawn = [draw(f"{at:x}") for at in range(4000)]
    assert all(0 <= one < 1 for one in drawn)
    for share in (0.1, 0.2, 0.5):
        assert sum(one < share for one in drawn) / 4000 == pytest.approx(share, abs=0.02)
