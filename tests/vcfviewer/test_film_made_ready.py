"""Opening a film: it is made ready to be drawn in the reading lane, ahead too, and its digest is taken along."""

import base64
import json
import sqlite3
import threading
from contextlib import closing, contextmanager

import numpy as np
import pytest
from opened_window import PATIENCE, opened_window
from qt import wait_until
from tiny_model import make_film

from engine.control import CancelToken
from engine.data.worklist import find_work
from engine.domain.annotation import Shape
from engine.domain.case import Prediction, ReviewStatus
from engine.domain.polygon import Polygon
from engine.errors import FilmReadError
from engine.review.saving import sha256_of
from engine.store import FolderStore, StoreError
from engine.weights import read_card
from vcfviewer.canvas.film_canvas import ShownFilm
from vcfviewer.jobs import Jobs, Lane
from vcfviewer.model_process import ModelProcess
from vcfviewer.session import Session
from vcfviewer.session.listing import ListedFilm
from vcfviewer.session.predicting import bundled_card, predict_once
from vcfviewer.settings import Settings


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    for name in ("a.png", "b.png", "c.png"):
        make_film(folder / name)
    return folder


def make_embedded(path):
    """A film that stands in a labelme file alone; returns the picture's bytes."""
    picture = make_film(path.with_suffix(".png"))
    data = picture.read_bytes()
    picture.unlink()
    record = {"version": "5.0.1", "flags": {}, "shapes": [], "imagePath": picture.name,
              "imageData": base64.b64encode(data).decode(), "imageHeight": 320, "imageWidth": 240}  # fmt: skip
    path.write_text(json.dumps(record))
    return data


def a_prediction(card):
    outline = Polygon(np.array([[60.0, 80.0], [150.0, 80.0], [150.0, 200.0]]))
    return Prediction(card, (320, 240), (Shape("found", "L1", outline, score=0.9),), 0.1)


@contextmanager
def opened_session(folder, prepare):
    jobs, model = Jobs(), ModelProcess()
    session = Session(jobs, model, Settings(predict_on_open=False), prepare=prepare)
    session.open([folder])
    wait_until(lambda: session.folder.listing, PATIENCE, "the listing")
    show(session, "a.png")
    yield session
    session.close()
    jobs.close()
    model.close()


def show(session, key):
    session.select(key)
    wait_until(lambda: session.case.key == key and session.case.case, PATIENCE, key)


class Held:
    """Makes films ready as the canvas does, after the first one only once it is let go."""

    def __init__(self):
        self.made, self.begun, self.let_go = [], threading.Event(), threading.Event()

    def __call__(self, film):
        self.made.append(threading.get_ident())
        if len(self.made) > 1:
            self.begun.set()
            self.let_go.wait(PATIENCE)
        return ShownFilm.of(film)


def test_every_film_is_made_ready_off_the_gui_thread(qt_app, films):
    prepare = Held()
    prepare.let_go.set()
    with opened_session(films, prepare) as session:
        assert session.prepared.film is session.case.case.film
        session.read_ahead(["b.png"])
        wait_until(lambda: "b.png" in session._reading._ready, PATIENCE, "the film ahead")
        show(session, "b.png")
        assert session.prepared.film is session.case.case.film
    assert len(prepare.made) == 2, "a film that was read ahead is made ready once"
    assert threading.get_ident() not in prepare.made


def test_a_film_asked_for_while_it_is_read_ahead_is_read_once(qt_app, films):
    prepare = Held()
    with opened_session(films, prepare) as session:
        session.read_ahead(["b.png", "c.png"])
        assert prepare.begun.wait(PATIENCE)
        session.select("b.png")
        prepare.let_go.set()
        wait_until(lambda: session.case.key == "b.png" and session.case.case, PATIENCE, "the next film")
        assert not session._reading._ready, "the film shown isn't kept twice, the other one gave way to it"
    assert len(prepare.made) == 2


def test_a_film_still_read_ahead_is_not_taken_for_one_of_its_name_in_the_next_folder(qt_app, tmp_path, films):
    other = tmp_path / "other"
    for name in ("a.png", "b.png"):
        make_film(other / name, (480, 200))
    prepare, flushed = Held(), []
    with opened_session(films, prepare) as session:
        session.select("c.png")
        assert prepare.begun.wait(PATIENCE)
        session.open([other])
        session.read_ahead(["b.png"])
        prepare.let_go.set()
        session._jobs.submit(Lane.READING, "flush", lambda _cancel: True, flushed.append, keep=True)
        wait_until(lambda: flushed, PATIENCE, "the reading lane")
        assert session.folder.listing.root == other
        show(session, "b.png")
        assert session.case.case.film.pixels.shape[:2] == (480, 200)


def test_the_window_takes_what_is_ready_and_neighbours_keep_theirs(tmp_path, films):
    with opened_window(tmp_path, films) as window:
        assert window.comparison.shown_film is window.session.prepared
        wait_until(lambda: "b.png" in window.session._reading._ready, PATIENCE, "the neighbour")
        kept = window.session._reading._ready["b.png"].prepared
        window.desk.go(1)
        wait_until(lambda: window.session.case.key == "b.png", PATIENCE, "the next film")
        assert window.comparison.shown_film is kept
        assert len(window.session._reading._ready) <= 3


def test_the_next_film_left_to_review_is_read_ahead_too(tmp_path, films):
    with opened_window(tmp_path, films) as window:
        window.desk.go(1)
        wait_until(lambda: window.session.case.key == "b.png" and window.session.case.case, PATIENCE, "the next film")
        window.session.deciding.set_film(status=ReviewStatus.REVIEWED)
        window.session._reading.leave_folder()
        window.desk.go(-1)
        wait_until(lambda: set(window.session._reading._ready) == {"b.png", "c.png"}, PATIENCE, "both films ahead")


def test_a_film_that_is_gone_leaves_nothing_ready(tmp_path, films):
    with opened_window(tmp_path, films) as window:
        (films / "c.png").write_bytes(b"no picture")
        window.session._reading.leave_folder()
        window.session.select("c.png")
        wait_until(lambda: window.session.case.case is None, PATIENCE, "the refusal")
        assert window.session.prepared is None
        assert window.comparison.shown_film is None


def test_a_known_digest_spares_reading_the_labelme_file_once_more(qt_app, tmp_path):
    path = tmp_path / "film.json"
    digest = sha256_of(make_embedded(path))
    store, model, card = FolderStore.open(tmp_path, "reader"), ModelProcess(), bundled_card()
    film = ListedFilm("film.json", find_work([tmp_path])[0])
    assert film.item.embedded
    kept = a_prediction(read_card(card))
    store.put_prediction(digest, kept)
    assert predict_once(film, card, store, model, CancelToken()).shapes == kept.shapes
    path.unlink()
    assert predict_once(film, card, store, model, CancelToken(), digest).shapes == kept.shapes
    with pytest.raises(FilmReadError):
        predict_once(film, card, store, model, CancelToken())
    assert model.pid is None
    model.close()
    store.close()


def test_a_store_in_trouble_costs_no_prediction(qt_app, tmp_path, monkeypatch):
    make_film(tmp_path / "film.png")
    store, model, card = FolderStore.open(tmp_path, "reader"), ModelProcess(), bundled_card()
    film = ListedFilm("film.png", find_work([tmp_path])[0])
    digest = sha256_of((tmp_path / "film.png").read_bytes())
    with closing(sqlite3.connect(store.path)) as connection:
        store.put_prediction(digest, a_prediction(read_card(card)))
        connection.execute("UPDATE predictions SET body = x'00'")
        connection.commit()
        said = predict_once(film, card, store, model, CancelToken())
        assert store.get_prediction(digest, read_card(card)).shapes == said.shapes
        connection.execute("UPDATE predictions SET body = x'00'")
        connection.execute("CREATE TRIGGER none BEFORE INSERT ON predictions BEGIN SELECT RAISE(ABORT, 'no'); END")
        connection.commit()
    told = []
    again = predict_once(film, card, store, model, CancelToken(), unkept=told.append)
    assert [one.label for one in again.shapes] == [one.label for one in said.shapes]
    assert [type(one) for one in told] == [StoreError]
    model.close()
    store.close()


def test_the_window_predicts_by_the_digest_that_it_opened_the_film_with(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    path = folder / "film.json"
    digest = sha256_of(make_embedded(path))
    store = FolderStore.open(folder, "reader")
    store.put_prediction(digest, a_prediction(read_card(bundled_card())))
    store.close()
    with opened_window(tmp_path) as window:
        # Gone before the prediction begins: whoever reads it again fails.
        window.session.shown.connect(lambda _key, _case: path.unlink())
        window.desk.settings.replace(predict_on_open=True)
        window.session.open([folder])
        wait_until(lambda: window.session.case.prediction is not None, PATIENCE, "the kept prediction")
        assert window.session.case.digest == digest
        assert not window.errors.errors
