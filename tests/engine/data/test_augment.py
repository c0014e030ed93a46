from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.data.augment import CORRECTED_AUGMENTATION, PAPER_AUGMENTATION, Augmentation, augment
from engine.data.dataset import Sample

STILL = Augmentation(flip=0.0, rotation_share=0.0)
GREY_CHANGES = ("gamma", "contrast", "blur", "noise", "shade", "halo", "equalise")
PLANS = (("paper", PAPER_AUGMENTATION), ("corrected", CORRECTED_AUGMENTATION))


def without_grey(plan):
    return replace(plan, **dict.fromkeys(GREY_CHANGES, 0.0))


def body(centre, radii=(34.0, 24.0)):
    """An egg with a corner: turned, mirrored or moved it looks like no other one."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    ring = np.stack([np.cos(angles) * (1 + 0.2 * np.cos(angles)), np.sin(angles)], axis=1) * radii
    ring[6] *= 1.3
    return ring + centre


def filled(outlines, size):
    """Pixels whose centre lies within an outline; pixel (0, 0) reaches from 0 to 1."""
    fine = np.zeros((size[0] * 8, size[1] * 8), np.uint8)
    for outline in outlines:
        cv2.fillPoly(fine, [np.round(outline * 8 - 0.5).astype(np.int32)], 1)
    return cv2.resize(fine.astype(np.float32), (size[1], size[0]), interpolation=cv2.INTER_AREA)


def spine(size=(300, 220)):
    outlines = tuple(body((90 + 12 * at, 60 + 62 * at)) for at in range(4))
    return Sample(filled(outlines, size), outlines, (3, 1, 2, 2))


@pytest.mark.parametrize(("name", "plan"), PLANS)
@pytest.mark.parametrize("seed", range(12))
def test_outlines_move_with_the_pixels(name, plan, seed):
    moved = augment(spine(), without_grey(plan), np.random.default_rng(seed))
    there = filled(moved.outlines, moved.image.shape) > 0.5
    seen = moved.image > 0.5
    assert (there & seen).sum() / (there | seen).sum() > 0.97
    assert moved.labels == (3, 1, 2, 2)
    assert moved.image.shape == (300, 220)


@pytest.mark.parametrize("seed", range(3))
def test_an_outline_left_in_place_would_be_noticed(seed):
    plan = without_grey(replace(CORRECTED_AUGMENTATION, flip=1.0))
    moved = augment(spine(), plan, np.random.default_rng(seed))
    there, seen = filled(spine().outlines, moved.image.shape) > 0.5, moved.image > 0.5
    assert (there & seen).sum() / (there | seen).sum() < 0.8


def test_a_flip_mirrors_image_and_outlines_exactly():
    sample = spine()
    flipped = augment(sample, replace(STILL, flip=1.0), np.random.default_rng(0))
    assert np.array_equal(flipped.image, sample.image[:, ::-1])
    for before, after in zip(sample.outlines, flipped.outlines, strict=True):
        np.testing.assert_allclose(after, np.stack([220 - before[:, 0], before[:, 1]], axis=1))
    again = augment(flipped, replace(STILL, flip=1.0), np.random.default_rng(0))
    assert np.array_equal(again.image, sample.image)


def test_nothing_changes_where_nothing_is_asked():
    sample = spine()
    same = augment(sample, STILL, np.random.default_rng(0))
    np.testing.assert_allclose(same.image, sample.image, atol=1e-6)
    for before, after in zip(sample.outlines, same.outlines, strict=True):
        np.testing.assert_allclose(after, before, atol=1e-9)


def pose(before, after):
    """Degrees turned, share flipped and factors across and along, from the best linear map of an outline."""
    one, two = before - before.mean(axis=0), after - after.mean(axis=0)
    matrix = np.linalg.lstsq(one, two, rcond=None)[0].T
    mirrored = np.linalg.det(matrix) < 0
    if mirrored:
        matrix = np.diag((-1.0, 1.0)) @ matrix
    return np.degrees(np.arctan2(-matrix[0, 1], matrix[1, 1])), mirrored, np.linalg.norm(matrix, axis=0)


def poses(plan, count=400):
    sample = Sample(np.zeros((60, 40), np.float32), (body((20, 30), (12, 9)),), (1,))
    rng = np.random.default_rng(1)
    return [pose(sample.outlines[0], augment(sample, plan, rng).outlines[0]) for _ in range(count)]


def test_the_papers_rotation_is_up_to_ten_degrees_either_way():
    found = poses(PAPER_AUGMENTATION)
    angles = np.array([angle for angle, _mirrored, _factors in found])
    assert np.abs(angles).max() <= 10
    assert angles.min() < -9
    assert angles.max() > 9
    assert (np.abs(angles) > 1e-9).all()
    assert 0.42 < np.mean([mirrored for _angle, mirrored, _factors in found]) < 0.58
    assert all(factors == pytest.approx((1, 1)) for _angle, _mirrored, factors in found)


def test_the_corrected_plan_turns_half_and_scales_within_its_range():
    found = poses(CORRECTED_AUGMENTATION)
    unturned = np.mean([abs(angle) < 1e-9 for angle, _mirrored, _factors in found])
    assert 0.42 < unturned < 0.58
    along = np.array([factors[1] for _angle, _mirrored, factors in found])
    across = np.array([factors[0] for _angle, _mirrored, factors in found])
    assert 0.85 <= along.min() < 0.87
    assert 1.17 < along.max() <= 1.2
    # Turned, the stretch acts across the film, so it shows in both factors.
    assert np.abs(across / along - 1).max() < 0.07
    assert np.abs(across / along - 1).max() > 0.04


def test_an_image_is_moved_no_farther_than_asked():
    plan = replace(STILL, shift=0.06)
    sample = spine()
    moves = np.array([augment(sample, plan, np.random.default_rng(s)).outlines[0][0] for s in range(60)])
    away = np.abs(moves - sample.outlines[0][0]) / (220, 300)
    assert away.max() <= 0.06
    assert (away.max(axis=0) > 0.05).all()


@pytest.mark.parametrize(("name", "plan"), PLANS)
def test_grey_values_stay_between_black_and_white(name, plan):
    rng = np.random.default_rng(4)
    sample = Sample(rng.random((90, 70), dtype=np.float32), (), ())
    for _ in range(60):
        image = augment(sample, plan, rng).image
        assert image.dtype == np.float32
        assert image.flags.c_contiguous
        assert image.min() >= 0
        assert image.max() <= 1


def test_grey_values_change_only_in_the_corrected_plan():
    sample = replace(spine(), image=0.2 + 0.5 * spine().image)
    still = replace(PAPER_AUGMENTATION, rotation_share=0.0, flip=0.0)
    assert np.array_equal(augment(sample, still, np.random.default_rng(3)).image, sample.image)
    grey = replace(CORRECTED_AUGMENTATION, rotation_share=0.0, flip=0.0, scale=(1.0, 1.0), stretch=0.0, shift=0.0)
    changed = [augment(sample, grey, np.random.default_rng(seed)) for seed in range(10)]
    assert all(np.abs(one.image - sample.image).mean() > 0.002 for one in changed)
    assert all(np.allclose(one.outlines[2], sample.outlines[2]) for one in changed)


def test_the_same_seed_makes_the_same_sample_and_leaves_the_original():
    sample = spine()
    before = sample.image.copy()
    one, two = (augment(sample, CORRECTED_AUGMENTATION, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert all(np.array_equal(a, b) for a, b in zip(one.outlines, two.outlines, strict=True))
    assert np.array_equal(sample.image, before)
