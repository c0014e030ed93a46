"""The language of the program, in plain Python, numpy and shapely: no torch, no Qt, no OpenCV.

Glossary
--------
film         one lateral thoracolumbar radiograph
level        a vertebra's name, T9 to S1; fractures are judged at T11, T12, L1, L2, L3, L4
status       of a vertebra: fractured, normal, or not assessable
shape        a labelled polygon on a film; drawn by a person (score is None) or by a model
annotation   everything one labelme file holds
prediction   what one model says of one film
finding      a shape whose status is fractured
match        an annotated and a predicted finding that were compared

Coordinates
-----------
float64 pixels of the oriented, full-resolution film; the origin is the top left corner of the top left pixel,
x to the right, y down. Arrays index [y, x]; sizes are (height, width).
"""
