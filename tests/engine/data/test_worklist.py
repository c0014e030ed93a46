import base64
import io
import json
import time

import numpy as np
import pytest
from PIL import Image

from engine.data._listing import listing
from engine.data.worklist import WorkItem, embedded_picture, find_work
from engine.errors import FilmReadError
from engine.films import read_picture
from engine.formats.labelme import read_labelme


def picture(shade=90):
    data = io.BytesIO()
    Image.fromarray(np.full((20, 30), shade, np.uint8)).save(data, "PNG")
    return data.getvalue()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "films"
    place.mkdir()
    return place


def film(folder, name):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture())
    return path


def labelled(folder, name, image="", data=None):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"shapes": [], "imagePath": image, "imageData": data}), encoding="utf-8")
    return path


def test_films_and_annotations_of_one_stem_belong_together(folder):
    second, first = film(folder, "film10.png"), film(folder, "film2.png")
    annotation = labelled(folder, "film10.json", "elsewhere.png")
    deep = film(folder, "sub/IM0001")
    of_deep = labelled(folder, "sub/IM0001.json")
    assert find_work([folder]) == (
        WorkItem(first), WorkItem(second, annotation), WorkItem(deep, of_deep),
    )  # fmt: skip
    assert find_work([second]) == (WorkItem(second, annotation),)
    assert find_work([annotation]) == (WorkItem(second, annotation),)
    assert find_work([of_deep, folder, deep]) == find_work([folder])


def test_a_file_of_no_films_stem_belongs_to_the_film_that_it_names(folder):
    one = film(folder, "images/a.png")
    annotation = labelled(folder, "reader1.json", "images\\a.png")
    assert find_work([folder]) == (WorkItem(one, annotation),)
    assert find_work([annotation]) == (WorkItem(one, annotation),)
    second = film(folder, "b.png")
    doubled = labelled(folder, "b.png.json", "b.png")
    assert find_work([folder]) == (WorkItem(second, doubled), WorkItem(one, annotation))


def test_the_own_stem_goes_before_another_films_name(folder):
    own, other = film(folder, "a.png"), film(folder, "b.png")
    annotation = labelled(folder, "a.json", "b.png")
    assert find_work([folder]) == (WorkItem(own, annotation), WorkItem(other))
    assert find_work([annotation]) == (WorkItem(own, annotation),)


@pytest.mark.parametrize(("image", "owner"), [("a.png", 1), ("a.jpg", 0), ("", 0), ("gone.png", 0)])
def test_of_two_films_of_one_stem_the_named_one_or_else_the_first_has_the_annotation(image, owner, folder):
    films = (film(folder, "a.jpg"), film(folder, "a.png"))
    annotation = labelled(folder, "a.json", image)
    items = find_work([folder])
    assert [item.film for item in items] == [*films]
    assert [item.annotation for item in items] == [annotation if at == owner else None for at in (0, 1)]
    assert find_work([annotation]) == (WorkItem(films[owner], annotation),)


def test_of_two_films_of_one_stem_the_other_says_why_it_has_none_and_saves_elsewhere(folder):
    first, second = film(folder, "a.jpg"), film(folder, "a.png")
    assert [item.saves_to.name for item in find_work([folder])] == ["a.json", "a.png.json"]
    labelled(folder, "a.json", "a.jpg")
    for paths in ([folder], [second]):
        item = find_work(paths)[-1]
        assert (item.film, item.annotation, item.reason) == (second, None, "")
        assert item.note == "a.json belongs to a.jpg, which has the same stem"
        assert item.saves_to == folder / "a.png.json"
    own = labelled(folder, "a.png.json", "")
    assert find_work([folder]) == (WorkItem(first, folder / "a.json"), WorkItem(second, own))
    assert find_work([own]) == (WorkItem(second, own),)


def test_new_annotations_go_beside_their_films(folder):
    deep = film(folder, "sub/IM0001")
    film(folder, "scan.v2.dcm")
    assert [item.saves_to for item in find_work([folder])] == [folder / "scan.v2.json", deep.with_name("IM0001.json")]
    annotation = labelled(folder, "sub/IM0001.json")
    assert find_work([deep])[0].saves_to == annotation


@pytest.fixture
def labels(tmp_path):
    return tmp_path / "labels"


def test_annotations_may_lie_in_a_folder_of_their_own(folder, labels):
    one, deep, flat = film(folder, "a.png"), film(folder, "sub/b.png"), film(folder, "sub/c.png")
    wanted = [labelled(labels, "a.json"), labelled(labels, "sub/b.json"), labelled(labels, "c.json")]
    gone = labelled(labels, "gone.json", "gone.png")
    broken = labels / "broken.json"
    broken.write_text("{")
    found = {item.film: item for item in find_work([folder], labels)}
    assert [found[path].annotation for path in (one, deep, flat)] == wanted
    assert "isn't there" in found[gone].reason
    assert "broken JSON" in found[broken].reason
    assert len(found) == 5


def test_new_annotations_go_to_the_folder_of_their_own_in_the_same_place(folder, labels):
    film(folder, "a.png"), film(folder, "sub/b.dcm"), film(folder, "sub/b.png")
    beside = labelled(folder, "a.json")
    for made in (False, True):
        items = find_work([folder], labels)
        assert [item.saves_to for item in items] == [beside, labels / "sub/b.json", labels / "sub/b.png.json"]
        if not made:
            labels.mkdir()
    assert find_work([folder / "sub" / "b.png"], labels)[0].saves_to == labels / "b.json"
    labelled(labels, "a.json")
    assert find_work([folder], labels)[0].annotation == labels / "a.json"


def test_in_a_folder_of_their_own_image_path_tells_films_of_one_stem_apart(folder, labels):
    films = [film(folder, "one/a.png"), film(folder, "two/a.jpg")]
    annotation = labelled(labels, "a.json", "../films/two/a.jpg")
    first, second = find_work([folder], labels)
    assert (second.film, second.annotation) == (films[1], annotation)
    assert (first.annotation, first.saves_to) == (None, labels / "one/a.json")


def test_a_folder_of_their_own_may_lie_among_the_films(folder):
    one, other = film(folder, "a.png"), film(folder, "images/b.png")
    by_stem, by_path = labelled(folder, "labels/a.json"), labelled(folder, "labels/x.json", "../images/b.png")
    assert find_work([folder], folder / "labels") == (
        WorkItem(one, by_stem), WorkItem(other, by_path),
    )  # fmt: skip


def test_a_folder_that_cannot_be_read_says_why(folder):
    found = listing(folder / "gone")
    assert (tuple(found.films), found.jsons) == ((), set())
    assert found.problem == "No such file or directory"


def test_links_to_one_folder_list_it_once(folder):
    one = film(folder, "sub/a.png")
    (folder / "again").symlink_to(folder / "sub")
    (folder / "loop").symlink_to(folder)
    (folder / "copy.png").symlink_to(one)
    (item,) = find_work([folder])
    assert item.film.resolve() == one


@pytest.mark.slow
def test_ten_thousand_films_are_listed_without_opening_their_annotations(folder):
    for at in range(10_000):
        (folder / f"film_{at}.png").touch()
        (folder / f"film_{at}.json").write_text("never read")
    start = time.process_time()
    items = find_work([folder])
    spent = time.process_time() - start
    assert [item.annotation.name for item in items[9:11]] == ["film_9.json", "film_10.json"]
    assert len(items) == 10_000
    assert spent < 0.8


@pytest.mark.parametrize("companion", ["a.txt", "a.csv", "a.json.orig", "a.b.png"])
def test_companions_of_a_file_are_not_taken_for_its_film(companion, folder):
    film(folder, companion)
    annotation = labelled(folder, "a.json", "gone.png")
    (item,) = find_work([annotation])
    assert item.reason == "its film gone.png isn't there; put it beside the file"


@pytest.mark.parametrize("image", ["gone.png", "", "x" * 1000 + ".png", "a\0b.png", "sub/"])
def test_a_missing_film_is_told_with_its_reason(image, folder):
    annotation = labelled(folder, "a.json", image)
    for paths in ([folder], [annotation]):
        (item,) = find_work(paths)
        assert (item.film, item.annotation, item.embedded) == (annotation, annotation, False)
        assert item.reason == f"its film {image or '(imagePath is empty)'} isn't there; put it beside the file"


def test_a_film_that_stands_in_the_annotation_is_read_from_there(folder):
    annotation = labelled(folder, "a.json", "gone.png", base64.b64encode(picture(123)).decode())
    for paths in ([folder], [annotation]):
        assert find_work(paths) == (WorkItem(annotation, annotation, embedded=True),)
    assert (read_picture(annotation, embedded_picture(annotation)).pixels == 123).all()


def test_a_film_on_the_disk_goes_before_the_embedded_one(folder):
    one = film(folder, "a.png")
    annotation = labelled(folder, "other.json", "a.png", base64.b64encode(picture()).decode())
    assert find_work([folder]) == (WorkItem(one, annotation),)


@pytest.mark.parametrize("wrap", [base64.encodebytes, lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n ")])
def test_embedded_data_may_be_broken_into_lines(wrap, folder):
    annotation = labelled(folder, "a.json", "gone.png", wrap(picture(123)).decode())
    assert find_work([folder]) == (WorkItem(annotation, annotation, embedded=True),)
    assert (read_picture(annotation, embedded_picture(annotation)).pixels == 123).all()


@pytest.mark.parametrize("data", [None, "", "no base64!", "abc", "\n"])
def test_embedded_data_that_is_no_film_is_refused_by_name(data, folder):
    annotation = labelled(folder, "a.json", "gone.png", data)
    with pytest.raises(FilmReadError, match=r"a\.json: expected") as told:
        read_picture(annotation, embedded_picture(annotation))
    assert told.value.path == annotation


@pytest.mark.parametrize("text", ['{"version": 3}', '{"shapes": 3}', "[1, 2]"])
def test_other_json_is_passed_over_in_folders_but_told_when_named(text, folder):
    one, other = film(folder, "a.png"), folder / "settings.json"
    other.write_text(text)
    assert find_work([folder]) == (WorkItem(one),)
    assert find_work([other, one]) == (
        WorkItem(one), WorkItem(other, other, reason="expected a labelme file, got other JSON"),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["no JSON", "", '{"shapes": [', "\ufeff\ufeff{}", "[" * 100_000])
def test_broken_json_without_a_film_is_told_with_its_reason(text, folder):
    one, broken = film(folder, "a.png"), folder / "b.json"
    broken.write_text(text)
    for paths in ([folder], [one, broken]):
        first, second = find_work(paths)
        assert (first, second.film, second.annotation) == (WorkItem(one), broken, broken)
        assert second.reason.startswith("expected a labelme file, got broken JSON: ")
        assert second.reason.endswith("; repair it or move it away")


def test_broken_json_of_a_films_stem_belongs_to_the_film_unopened(folder):
    one, broken = film(folder, "a.png"), folder / "a.json"
    broken.write_text('{"shapes": [')
    assert find_work([folder]) == find_work([one]) == (WorkItem(one, broken),)


@pytest.mark.parametrize("image", ["../secret.png", "..\\secret.png", "{absolute}", "link/secret.png", "link.png"])
def test_an_image_path_that_leaves_the_folder_is_not_followed(image, folder):
    secret = film(folder.parent, "secret.png")
    (folder / "link").symlink_to(folder.parent)
    (folder / "link.png").symlink_to(secret)
    image = image.replace("{absolute}", str(secret))
    (item,) = find_work([labelled(folder, "a.json", image)])
    assert item.film == item.annotation == folder / "a.json"
    assert "leaves the folder; name that film or folder as well" in item.reason


def test_an_image_path_to_a_film_that_was_opened_too_is_followed(folder):
    one = film(folder, "images/a.png")
    annotation = labelled(folder, "labels/a.json", "../images/a.png")
    assert find_work([folder / "labels"])[0].reason
    for paths in ([folder], [annotation, one], [folder / "labels", folder / "images"]):
        assert find_work(paths) == (WorkItem(one, annotation),)


def test_a_folder_named_through_a_link_is_followed(folder):
    film(folder, "a.png")
    labelled(folder, "b.json", "a.png")
    link = folder.parent / "link"
    link.symlink_to(folder)
    assert find_work([link]) == (WorkItem(link / "a.png", link / "b.json"),)


def test_hidden_files_and_folders_are_passed_over(folder):
    film(folder, ".cache/a.png")
    labelled(folder, ".cache/b.json", "a.png")
    labelled(folder, ".b.json", "gone.png")
    assert find_work([folder]) == ()


def test_a_path_that_is_not_there_is_refused(folder):
    for name in ("gone", "gone.png", "gone.json"):
        with pytest.raises(FilmReadError, match="no such file or folder"):
            find_work([folder / name])


def test_nothing_named_is_nothing_to_read():
    assert find_work([]) == ()


def test_every_real_labelme_file_is_found_once(shared_data):
    root = shared_data / "data" / "labelme"
    items = find_work([root])
    annotations = [item.annotation for item in items if item.annotation]
    assert len({*annotations}) == len(annotations)
    for item in items:
        assert item.film.exists()
        if item.annotation:
            read_labelme(item.annotation)
        if item.embedded:
            assert read_picture(item.film, embedded_picture(item.film)).pixels.size
    found = {path.name: item for item in items if (path := item.annotation)}
    assert found["000000013923.json"].film.name == "000000013923.jpg"
    assert found["origin_0001.json"].film.name == "origin_0001.JPG"
    assert {*annotations} <= {*root.rglob("*.json")}
    assert len([item for item in items if item.embedded]) >= 5
