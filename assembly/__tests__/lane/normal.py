"""Fits the polynomial of ../../lane/normal.ts, and prints its coefficients and its largest relative error.

Run it as `python3 normal.py`; it needs mpmath.
"""

import mpmath

mpmath.mp.dps = 60
DEGREE = 22
END = mpmath.mpf(39)


def target(t):
    c = 4 * (1 + t) / (1 - t)
    return mpmath.exp(c * c / 2) * (c + 1) * mpmath.ncdf(-c)


def points(count):
    """Returns Chebyshev's points, between the t of c = 0 and the t of the end."""
    last = (END - 4) / (END + 4)
    return [(last - 1 + (last + 1) * mpmath.cos(mpmath.pi * (i + mpmath.mpf(1) / 2) / count)) / 2 for i in range(count)]


nodes = points(DEGREE + 1)
powers = mpmath.matrix([[t**i for i in range(DEGREE + 1)] for t in nodes])
fitted = [float(c) for c in mpmath.lu_solve(powers, mpmath.matrix([target(t) for t in nodes]))]
error = max(abs(mpmath.polyval([mpmath.mpf(c) for c in fitted[::-1]], t) / target(t) - 1) for t in points(2000))
print(", ".join(map(repr, fitted)))
print("largest relative error:", mpmath.nstr(error, 3))
