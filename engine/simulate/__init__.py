"""Simulated lateral thoracolumbar radiographs with known truth. Every film made here is called simulated.

Coordinates: patient millimetres in the mid-sagittal plane, x towards posterior, y towards caudal, z towards the tube;
maps of path lengths are float32 millimetres on the film's pixel grid. Figures on these films verify software; they are
never clinical performance.

Decision: structures are solids cut into sagittal slices, each projected with its own magnification, so that parallax,
obliquity and double contours come out by themselves. Rejected: ray casting of a voxel volume (60 times slower for the
same picture). Consequence: shapes behind each other add, but a slice knows no curvature within its thickness.
"""
