#!/usr/bin/env python3
"""Prints native_signatures.h: signatures of every length up to 20, of one kind, in turns, and mixed."""

import random

KINDS = "iIfF"


def signatures():
    yield "", ""
    for result in KINDS:
        yield "", result
    for kind in KINDS:
        for length in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 20):
            yield kind * length, kind
    for length in range(2, 21):
        yield ("iF" * 10)[:length], "I"
        yield ("iIfF" * 5)[:length], "f"
    mix = random.Random(20)
    for length in [5, 6, 7, 10, 14, 18, 19] + [20] * 12:
        yield "".join(mix.choice(KINDS) for _ in range(length)), mix.choice(KINDS + " ").strip()


print("// Signatures for native_signatures.c; made by native_signatures.py. i I f F are i32 i64 f32 f64.")
for number, (params, result) in enumerate(signatures()):
    items = " ".join(f"P({kind}, {n})" for n, kind in enumerate(params))
    print(f"#define LIST_{number}(P) {items}".rstrip())
    print(f'SIGNATURE({number}, "{params}", "{result}", {result or "v"})')
