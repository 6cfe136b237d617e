// The numbers of a file, whose place depends on its format.

import type { Precision } from "../base/precision.js";
import type { Tensor, TensorView } from "../memory/tensor.js";

/** Where a description's numbers are. */
export interface Numbers {
  /** Whether each is a member of its entry. */
  readonly inside: boolean;
  /**
   * Refuses a tensor that isn't there with its type and shape, before anything is reserved for it. Returns the count of its
   * numbers, if they are whole numbers.
   */
  check(tensor: Tensor, precision: Precision, member: unknown): number;
  /** Fills a view. */
  fill(tensor: Tensor, view: TensorView, member: unknown): void;
}
