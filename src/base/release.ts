// The version of this package, for files that tell which release wrote them.

/** The `version` of package.json; a test compares the two. */
export const RELEASE = "0.1.0";
