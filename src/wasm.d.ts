// The build puts the bytes of the compiled core in the module's place.
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
