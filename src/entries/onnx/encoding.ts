// The encoders of text for ONNX's messages, which are decoded as the module is imported: also on hosts that have none, such as
// jsdom and audio worklets. Imported first.

import { configureTextEncoding } from "@bufbuild/protobuf/wire";
import { decode, encode } from "../../format/utf8.js";

if (typeof TextEncoder !== "function" || typeof TextDecoder !== "function") {
  configureTextEncoding({
    encodeUtf8: (text) => encode(text) as Uint8Array<ArrayBuffer>,
    decodeUtf8: decode,
    checkUtf8: (text) => text.isWellFormed(),
  });
}
