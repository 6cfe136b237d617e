// Encoders of text for ONNX's messages, for hosts without any, such as jsdom and audio worklets. The messages' types are
// decoded at import, so this file is imported first.

import { configureTextEncoding } from "@bufbuild/protobuf/wire";
import { decode, encode } from "../../format/utf8.js";

if (typeof TextEncoder !== "function" || typeof TextDecoder !== "function") {
  configureTextEncoding({
    encodeUtf8: (text) => encode(text) as Uint8Array<ArrayBuffer>,
    decodeUtf8: decode,
    checkUtf8: (text) => text.isWellFormed(),
  });
}
