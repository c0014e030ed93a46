"""vcfviewer's engine: films in, vertebral fracture findings out. Headless; imports nothing heavy."""

__version__ = "0.1.0"
