// A file of its own, since the package's declarations show it, and nothing else of the import.

/** Something that keeps a file from being a graph of layers. */
export interface Obstacle {
  /** The node's name, or the name of its first output; for an input or an output of the file, its name. */
  readonly node: string;
  /** The operator's name; `"input"`, `"output"` and `"file"` for what is no node. */
  readonly operator: string;
  readonly reason: string;
}
