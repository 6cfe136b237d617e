// The geometry of a synapse whose units join by windows of positions: conv, convTranspose, pools and upsample.
//
// `small` is the end with one position for each window, `big` the end whose positions lie in the windows. A conv or a pool has
// `big` for its source. A convTranspose or an upsample has it for its target. Units are row-major, channels last. One dimension
// is two with a height of 1.

/** A window: `WindowWord`. Extents and paddings count positions. */
@unmanaged @final
export class Window {
  bigHeight: i32;
  bigWidth: i32;
  bigChannels: i32;
  smallHeight: i32;
  smallWidth: i32;
  smallChannels: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  top: i32;
  left: i32;
  groups: i32;
  countPadding: i32;
}
