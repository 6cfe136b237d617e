// Libraries without types, or with some that don't fit their modules.

declare module "brain.js";
declare module "brain1";
declare module "neataptic";
declare module "synaptic";
