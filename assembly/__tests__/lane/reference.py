"""Writes reference.ts, the expected values of functions over lanes, and powers.ts, the table of exp.

Run it as `python3 reference.py`; it needs mpmath. All values are computed to 60 digits and more; a function's table has
rows of

    x, f(x) rounded to float64, and the rounding error, in units in the last place.
"""

import math
import random
import struct
from decimal import Decimal, localcontext
from pathlib import Path

import mpmath

HERE = Path(__file__).parent


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def ulp(y):
    """Returns the distance from |y| to the next larger float64."""
    return Decimal(math.ulp(y))


def spared(f, spare):
    """Returns f with spare digits, since a difference near 0 cancels some."""

    def g(x):
        with localcontext() as context:
            context.prec = 60 + spare(x)
            return f(x)

    return g


def near_zero(x):
    return 40 + 2 * abs(x.adjusted())


def by_mpmath(f, digits):
    def g(x):
        with mpmath.workdps(digits):
            return Decimal(mpmath.nstr(f(mpmath.mpf(str(x))), 60))

    return g


FUNCTIONS = {
    "exp": spared(lambda x: x.exp(), lambda x: 20),
    "underflow": spared(lambda x: x.exp(), lambda x: 20),
    "expm1": spared(lambda x: x.exp() - 1, near_zero),
    "log": spared(lambda x: x.ln(), lambda x: 40),
    "log1p": spared(lambda x: (1 + x).ln(), near_zero),
    "tanh": spared(lambda x: ((2 * x).exp() - 1) / ((2 * x).exp() + 1), near_zero),
    "sigmoid": spared(lambda x: 1 / (1 + (-x).exp()), lambda x: 40 + int(abs(x))),
    "normal": by_mpmath(mpmath.ncdf, 400),
    "sine": by_mpmath(mpmath.sin, 400),
    "cosine": by_mpmath(mpmath.cos, 400),
}


def evenly(a, b, n):
    return [random.uniform(a, b) for _ in range(n)]


def by_size(a, b, n):
    """Returns numbers of every magnitude from 10^a to 10^b, spread evenly over the exponents."""
    return [10 ** random.uniform(a, b) for _ in range(n)]


def both(xs):
    return [x if random.random() < 0.5 else -x for x in xs]


def quarters(odd):
    """Returns the numbers nearest to odd or even multiples of π/2, of every size: where a sine or a cosine is small."""
    with mpmath.workdps(400):
        return [float((2 * int(10 ** random.uniform(0, 300)) + odd) * mpmath.pi / 2) for _ in range(60)] + [
            float((2 * k + odd) * mpmath.pi / 2) for k in range(1, 30)
        ]


def turns(odd):
    """Returns arguments of sine and cosine. 6381956970095103 · 2^797 is the float64 closest to a multiple of π/2. The reduction
    changes at 1647099."""
    return [math.ldexp(6381956970095103, 797), 1.7976931348623157e308, 1647099.0, 1647099.5] + (
        evenly(-10, 10, 60) + evenly(-1647099, 1647099, 40) + both(by_size(-17, 0, 20)) + both(by_size(0, 308, 80))
        + quarters(odd)
    )


POINTS = {
    # One point for every entry of the table of powers at least, and the largest argument with a finite result.
    "exp": lambda: [709.782712893384, -708.3964185322641]
    + [(i + random.uniform(-0.5, 0.5)) * math.log(2) / 128 for i in range(-128, 128)]
    + evenly(-708, 709, 110) + both(by_size(-17, 0, 30)),
    # Where results are denormal, down to the last one that rounds to the smallest number.
    "underflow": lambda: [-708.4, -740.0, -744.4400719213812, -745.1332191019411] + evenly(-745, -708.4, 40),
    "expm1": lambda: [709.782712893384, 0.002707606173, -0.002707606174]
    + evenly(-40, 709, 60) + evenly(-2, 2, 90) + both(by_size(-17, 0, 60)) + both(by_size(-300, -17, 10)),
    "log": lambda: [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.sqrt(0.5), math.sqrt(2)]
    + by_size(-307, 308, 70) + by_size(-322, -308, 20) + evenly(0.5, 2, 80) + [1 + d for d in both(by_size(-15, -1, 40))],
    "log1p": lambda: [1.7976931348623157e308, -0.9999999999999999, 0.4142135623730951, -0.2928932188134524]
    + by_size(0, 308, 40) + evenly(-1, 2, 90) + both(by_size(-17, 0, 60)) + both(by_size(-300, -17, 10)),
    "tanh": lambda: [19.06, -19.07, 22.0]
    + evenly(-20, 20, 60) + evenly(-2, 2, 90) + both(by_size(-17, 0, 60)) + both(by_size(-300, -17, 10)),
    "sigmoid": lambda: [-708.3, 36.7, 36.8]
    + evenly(-708, -40, 60) + evenly(-40, 40, 70)
    + evenly(-3, 3, 60) + both(by_size(-17, 0, 20)),
    # Down to where results are denormal.
    "normal": lambda: [-37.5, 8.3] + evenly(-37.5, -5, 60) + evenly(-5, 0, 80) + evenly(0, 8, 40) + both(by_size(-17, 0, 20)),
    "sine": lambda: turns(0),
    "cosine": lambda: turns(1),
}


def rows(name):
    random.seed(name)
    for x in sorted(set(POINTS[name]())):
        exact = FUNCTIONS[name](Decimal(x))
        y = float(exact)
        with localcontext() as context:
            context.prec = 800
            rest = float((exact - Decimal(y)) / ulp(y))
        yield f"  {x!r}, {y!r}, {rest:.4f},"


def powers():
    """Yields 2^(i/128) = head · (1 + tail), with i/128 taken from the head's exponent: k shifted there adds it again."""
    for i in range(128):
        with localcontext() as context:
            context.prec = 60
            exact = (Decimal(2).ln() * i / 128).exp()
            head = float(exact)
            tail = float(exact / Decimal(head) - 1) if i else 0.0
        yield bits(tail), bits(head) - (i << 45)


def write():
    tables = "\n\n".join(
        f"export const {name}: StaticArray<f64> = [\n" + "\n".join(rows(name)) + "\n];" for name in FUNCTIONS
    )
    (HERE / "reference.ts").write_text(
        "// Written by reference.py: x, f(x) rounded, and what the rounding left out, in units in the last place.\n\n"
        + tables + "\n"
    )
    pairs = [f"0x{tail:016X}, 0x{head:016X}," for tail, head in powers()]
    (HERE / "powers.ts").write_text(
        "// Written by reference.py: 2^(i/128) for 0 ≤ i < 128, each as the two words of ../../lane/powers.ts, from 60 digits.\n\n"
        "export const POWERS: StaticArray<u64> = [\n"
        + "\n".join("  " + " ".join(pairs[i : i + 2]) for i in range(0, 128, 2))
        + "\n];\n"
    )


write()
