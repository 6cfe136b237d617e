// The kinds of synapse, by name.

export type SynapseKind = "dense" | "identity";
