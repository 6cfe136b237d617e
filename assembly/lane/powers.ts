// The powers 2^(i/128), 0 ≤ i < 128, computed when the core starts: as constants they would be 2 kB of the module that no
// compression makes smaller. Each is two words:
//
//     tail  float64   2^(i/128) = head · (1 + tail)
//     head  float64's bits, less i << 45: k << 45, added, is then k / 128 added to the exponent, and i made good
//
// A power is a fraction of 128 bits, 127 of them after the point. Its error stays below 2^-117. The words
// equal those that ../__tests__/lane/powers.ts has from 60 digits.

export const POWERS = memory.data(128 * 16, 16);

// 2^(1/128), rounded.
const ROOT_HIGH: u64 = 0x80B1ED4FD999AB6C, ROOT_LOW: u64 = 0x25335719B6E6FD20;

/** Returns the upper half of a product. */
function upper(a: u64, b: u64): u64 {
  const a0 = a & 0xFFFFFFFF, a1 = a >> 32, b0 = b & 0xFFFFFFFF, b1 = b >> 32;
  const middle = a1 * b0 + (a0 * b0 >> 32);
  return a1 * b1 + (middle >> 32) + (a0 * b1 + (middle & 0xFFFFFFFF) >> 32);
}

/** Returns (high · 2^64 + low) / (head · 2^75), rounded, where that is below 2^-53. */
function ratio(high: u64, low: u64, head: u64): f64 {
  if ((high | low) == 0) return 0;
  let rest: u64 = 0, quotient: u64 = 0, exponent: u64 = 1023 + 128 - 75;
  // A long division: the dividend's bits, then zeros, until the quotient has more bits than a float64.
  while (quotient >> 60 == 0) {
    rest = rest << 1 | high >> 63;
    high = high << 1 | low >> 63;
    low <<= 1;
    quotient <<= 1;
    exponent--;
    if (rest >= head) {
      rest -= head;
      quotient |= 1;
    }
  }
  return <f64>quotient * reinterpret<f64>(exponent << 52);
}

function fill(): void {
  let high: u64 = 1 << 63, low: u64 = 0;
  for (let i = 0; i < 128; i++) {
    const head = high + (1 << 10) >> 11; // 53 bits
    let over = high - (head << 11), under = low; // the power less its head
    const isLess = <i64>over < 0;
    if (isLess) {
      under = 0 - under;
      over = ~over + u64(under == 0);
    }
    const row = POWERS + (i << 4), tail = ratio(over, under, head);
    store<f64>(row, isLess ? -tail : tail);
    store<u64>(row, (<u64>1022 << 52) + head - (<u64>i << 45), 8);

    // The next power: the product's upper half, a bit to the left.
    const lower = high * ROOT_HIGH, more = lower + upper(high, ROOT_LOW), sum = more + upper(low, ROOT_HIGH);
    const carries = u64(more < lower) + u64(sum < more);
    high = upper(high, ROOT_HIGH) + carries << 1 | sum >> 63;
    low = sum << 1;
  }
}

fill();
