// Numbers for the specs of kernels: drawn lists, each with a number behind it that must stay.

import { alloc } from "../../memory";
import { uniform } from "../../random";

/** Number that lies behind each result, and must stay. */
export const BEHIND = 77;

/** Returns room for numbers, drawn from a stream, with BEHIND behind them. */
export function numbers<T>(count: i32, stream: i32): usize {
  const made = alloc(<usize>(count + 1) * sizeof<T>());
  uniform<T>(made, count, 1, stream, -1, 1);
  store<T>(made + <usize>count * sizeof<T>(), <T>BEHIND);
  return made;
}

/** Returns the address of a number of a list. */
@inline
export function at<T>(list: usize, index: i32): usize {
  return list + <usize>index * sizeof<T>();
}
