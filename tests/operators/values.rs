//! Operands: numbers at the edges of types, and random bits.

use super::support::random::Random;
use wasm_encoder::ValType;

const EDGES_32: &[u32] = &[
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    i32::MAX as u32,
    i32::MIN as u32,
    u32::MAX,
];

const EDGES_64: &[u64] = &[
    0,
    1,
    31,
    63,
    u32::MAX as u64,
    1 << 32,
    i64::MAX as u64,
    i64::MIN as u64,
    (1 << 63) + 1,
    (1 << 63) + (1 << 10),
    (1 << 63) + (1 << 10) + 1,
    (1 << 63) + (1 << 39),
    (1 << 63) + (1 << 39) + 1,
    u64::MAX,
];

/// The limits of conversions to integers, and numbers that rounding changes.
const FLOATS: &[f64] = &[
    0.0,
    0.5,
    0.9999999,
    1.0,
    1.5,
    2.5,
    127.5,
    255.0,
    2147483647.0,
    2147483647.9,
    2147483648.0,
    2147483648.9,
    2147483649.0,
    4294967295.0,
    4294967295.9,
    4294967296.0,
    9223372036854774784.0,
    9223372036854775808.0,
    9223373136366403584.0,
    18446744073709549568.0,
    18446744073709551616.0,
    4503599627370497.5,
    8388607.5,
    1e300,
    3.4028234663852886e38,
    1e-300,
    1e-40,
    f64::INFINITY,
];

const NANS_32: &[u32] = &[0x7fc0_0000, 0x7f80_0001, 0x7fa5_5555, 0x7fff_ffff];
const NANS_64: &[u64] =
    &[0x7ff8 << 48, (0x7ff0 << 48) + 1, 0x7ff5_5555_5555_5555, 0x7fff_ffff_ffff_ffff];

fn pick<T: Copy>(random: &mut Random, values: &[T]) -> T {
    values[random.below(values.len())]
}

fn float_32(random: &mut Random) -> u32 {
    let sign = (random.below(2) as u32) << 31;
    let bits = match random.below(8) {
        0 => random.next() as u32,
        1 => pick(random, NANS_32),
        2 => (pick(random, FLOATS) as f32).next_down().to_bits(),
        3 => (random.below(2000) as f32 / 8.0).to_bits(),
        _ => (pick(random, FLOATS) as f32).to_bits(),
    };
    bits ^ sign
}

fn float_64(random: &mut Random) -> u64 {
    let sign = (random.below(2) as u64) << 63;
    let bits = match random.below(8) {
        0 => random.next() << 20 ^ random.next(),
        1 => pick(random, NANS_64),
        2 => pick(random, FLOATS).next_down().to_bits(),
        3 => (random.below(2000) as f64 / 8.0).to_bits(),
        _ => pick(random, FLOATS).to_bits(),
    };
    bits ^ sign
}

fn int_64(random: &mut Random) -> u64 {
    match random.below(3) {
        0 => random.next() << 20 ^ random.next(),
        _ => pick(random, EDGES_64),
    }
}

fn int_32(random: &mut Random) -> u32 {
    match random.below(3) {
        0 => random.next() as u32,
        _ => pick(random, EDGES_32),
    }
}

/// Four values of 32 bits.
fn four(random: &mut Random, lane: fn(&mut Random) -> u32) -> u128 {
    (0..4).fold(0, |all, _| all << 32 | u128::from(lane(random)))
}

fn two(random: &mut Random, lane: fn(&mut Random) -> u64) -> u128 {
    (0..2).fold(0, |all, _| all << 64 | u128::from(lane(random)))
}

fn vector(random: &mut Random) -> u128 {
    match random.below(8) {
        0 => two(random, |random| random.next() << 20 ^ random.next()),
        1 | 2 => four(random, float_32),
        3 | 4 => two(random, float_64),
        5 => four(random, |random| {
            let byte = pick(random, &[0, 1, 2, 15, 16, 0x7f, 0x80, 0x81, 0xff]);
            byte << 24 | int_32(random) & 0x00ff_ffff
        }),
        6 => four(random, int_32),
        _ => two(random, int_64),
    }
}

pub fn value(random: &mut Random, ty: ValType) -> u128 {
    match ty {
        ValType::I32 => int_32(random).into(),
        ValType::I64 => int_64(random).into(),
        ValType::F32 => float_32(random).into(),
        ValType::F64 => float_64(random).into(),
        _ => vector(random),
    }
}
