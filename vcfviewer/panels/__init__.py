"""What stands around the film: the worklist, the findings, the facts, the decision, what runs and what went wrong.

Panels get values by calls and give them by signals. They know neither each other nor the film's view; only the window
introduces them. What a panel can't know without work (an IoU, a height) it is given.
"""
