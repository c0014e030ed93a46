"""vcfviewer: review vertebral compression fractures on lateral radiographs beside a model's findings.

For research use only; not a medical device.
"""

from engine import __version__ as __version__
