"""The walk through a folder: R to what is left to be reviewed, N to what is left to be decided."""

import shutil

from qt import wait_until

from vcfviewer.canvas.values import Side

FILM = "sample_03"


def test_r_leads_to_the_next_film_that_is_left_to_be_reviewed(player, films):
    window = player.open(films)
    player.go_to(FILM)
    keys = [film.key for film in window.session.folder.films()]
    at = keys.index(f"{FILM}.png")
    player.press("D")
    player.wait_for_film(keys[at + 1], predicted=False)
    player.press("R")
    player.wait_for_film(keys[at + 2], predicted=False)
    for key in (keys[at + 1], keys[at]):
        player.press("A")
        player.wait_for_film(key, predicted=False)
    player.press("R")
    player.wait_for_film(keys[at + 2], predicted=False)
    # Round the end of the list, until every film has its word.
    for key in (*keys[at + 3 :], *keys[:at]):
        player.press("R")
        player.wait_for_film(key, predicted=False)
    player.press("R")
    assert window.statusBar().currentMessage() == "No film of the list is left to be reviewed."
    assert window.session.case.key == (*keys[at:], *keys[:at])[-1]


def test_n_says_whether_films_are_left_to_be_predicted(player, films):
    shutil.copyfile(films / f"{FILM}.png", films / f"{FILM}_again.png")
    window = player.open(films)
    player.go_to(f"{FILM}.png")
    player.press("Ctrl+Return")
    row = window.worklist.model.shown_row
    for typed, said in ((FILM, "in the films predicted so far. Predict the folder for more."),
                        (f"{FILM}.png", "in the films of the list.")):  # fmt: skip
        window.worklist.focus_search()
        player.press("Escape")
        player.type(typed)
        wait_until(lambda: row(0).summary is not None and row(0).summary.predicted, 10, "the film's figures")
        window.comparison.view(Side.EXPERT).setFocus()
        player.press("N")
        assert window.statusBar().currentMessage() == f"No disagreement is left {said}"


def test_a_lower_threshold_holds_for_all_films_and_n_leads_to_what_it_shows(player, films):
    window = player.open(films)
    listed = window.session.folder
    for film in listed.films():
        player.go_to(film.key)
    wait_until(lambda: all(film.summary is not None and film.summary.predicted for film in listed.films()), 20,
               "all figures")  # fmt: skip
    before = {film.key: film.summary.extra for film in listed.films()}
    window.session.case.set_threshold(0.05)
    wait_until(lambda: sum(film.summary.extra > before[film.key] for film in listed.films()) >= 3, 30,
               "the figures of films that aren't on the screen")  # fmt: skip
    here = window.session.case.key
    other = next(film for film in listed.films() if film.summary.extra > before[film.key] and film.key != here)
    assert other.summary.undecided > 0
    window.session.case.set_threshold(0.99)
    wait_until(lambda: listed.film(other.key).summary.extra <= before[other.key], 30, "the figures again")
