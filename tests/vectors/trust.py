"""The vectors of trust: what a verifier is given, and what it must say. situation.py says what their parts and header lines mean."""

import situation
from believed import believed
from lineage import lineages
from policies import policies
from prices import prices
from production import productions


def vectors():
    """Every vector, its name and its bytes."""
    for group in [policies, believed, lineages, prices, productions]:
        group()
    return situation.vectors.items()
