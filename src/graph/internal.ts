/** Where the class `Graph` has what the entry for workers needs of the engine, and users don't. */
export const INSIDE: unique symbol = Symbol.for("plexus-nn: inside of the engine");
