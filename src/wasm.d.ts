// The build puts the bytes of the compiled core in the module's place, as a text of the code points 0 to 255.
declare module "*.wasm" {
  const text: string;
  export default text;
}
