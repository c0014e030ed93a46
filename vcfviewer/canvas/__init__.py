"""Draws a film and the shapes on it, and asks for edits.

Decision: a view windows the film from its 16-bit pixels at each repaint, resampled once for the visible part.
Rejected: a QPixmap of the whole film, which costs a conversion of every pixel at each step of a window drag.
Consequence: the film is drawn in the view's background, and a scene holds shapes only, in film pixels.
"""
