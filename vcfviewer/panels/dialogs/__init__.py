"""The dialogs, pop-ups and banners. Each takes values, asks, and gives the answer by a signal; none waits in a loop.

Decision: a dialog is shown with `open()` or `show()` and answers by a signal. Rejected: `exec()`, which runs a second
event loop inside a click, so that a job that ends meanwhile meets a half-changed window. Consequence: whoever opens a
dialog keeps it and connects to its signal.
"""
