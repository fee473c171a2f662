"""The vectors of trust: directories of what a verifier is given, and what it must say. situation.py says what the files mean."""

import situation
from believed import believed
from lineage import lineages
from policies import policies
from prices import prices
from production import productions


def files():
    """Every file, its path below the directory of these vectors and its bytes."""
    for group in [policies, believed, lineages, prices, productions]:
        group()
    return situation.files.items()
