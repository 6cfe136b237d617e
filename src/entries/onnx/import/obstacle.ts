// A file of its own, since the package's declarations have it, and nothing else of the import.

/** Reason that keeps a file from being a graph of layers. */
export interface Obstacle {
  /** The node's name, or the name of its first output; for an input or an output of the file, its name. */
  readonly node: string;
  /** The operator's name, or `"input"`, `"output"` or `"file"`. */
  readonly operator: string;
  readonly reason: string;
}
