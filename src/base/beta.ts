// Quantiles of the beta distribution, for exact intervals of a share.

/**
 * The value that a beta variable stays below with this probability.
 *
 * @param probability above 0 and below 1
 * @param a above 0
 * @param b above 0
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  // Halved until there is no number between them: at most as often as a double has steps.
  for (let round = 0; round < 1100; round += 1) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (betaProbability(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** How probable it is that a beta variable is at most `x`: the regularized incomplete beta function. */
export function betaProbability(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
  );
  // The fraction converges fast on this side of the mean; the other side is its mirror image.
  return x < (a + 1) / (a + b + 2)
    ? (front * continuedFraction(x, a, b)) / a
    : 1 - (front * continuedFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;
const ROUNDS = 10_000;

// Lentz's method. NIST Digital Library of Mathematical Functions, 8.17.22.
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = inverse(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= ROUNDS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = inverse(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = inverse(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
}

function inverse(value: number): number {
  return 1 / away(value);
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

// Lanczos' approximation with g = 7 and nine coefficients, for arguments above 0.
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const below = x - 1;
  const sum = LANCZOS.reduce((total, coefficient, at) =>
    at === 0 ? coefficient : total + coefficient / (below + at),
  );
  const t = below + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (below + 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS: readonly number[] = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];
