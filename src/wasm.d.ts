// The build puts the compiled core in the module's place, as a text: the characters of the bytes 0 to 255, then those of its own.
declare module "*.wasm" {
  const text: string;
  export default text;
}
