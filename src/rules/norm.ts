// Layer normalisation.

/** Epsilon that a layer norm adds to a variance, as assembly/kernel/norm.ts does: PyTorch's. */
export const EPSILON = 1e-5;
