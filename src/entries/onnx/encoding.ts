// Encoders of text for ONNX's messages, for hosts that have none, such as jsdom and audio worklets. The messages' types are
// decoded at import. Imported first.

import { configureTextEncoding } from "@bufbuild/protobuf/wire";
import { decode, encode } from "../../format/utf8.js";

if (typeof TextEncoder !== "function" || typeof TextDecoder !== "function") {
  configureTextEncoding({
    encodeUtf8: (text) => encode(text) as Uint8Array<ArrayBuffer>,
    decodeUtf8: decode,
    checkUtf8: (text) => text.isWellFormed(),
  });
}
