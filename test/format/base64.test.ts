// Base64 by the host's encoders and by our own: the same text, and one text alone is read.

import { afterEach, describe, expect, it, vi } from "vitest";
import { decode, encode, encodedLength, encodePlain } from "../../src/format/base64.js";
import { Random, seed } from "../support/helpers.js";

const random = new Random(seed);
const bytesOf = (length: number) => Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
const lengths = [...Array(20).keys(), 6143, 6144, 6145, 20_000];

afterEach(() => vi.unstubAllGlobals());

describe(`base64, PLEXUS_SEED=${seed}`, () => {
  it("has the text of RFC 4648, section 10", () => {
    const texts = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
    texts.forEach((text, length) => {
      const bytes = new TextEncoder().encode("foobar".slice(0, length));
      expect([encode(bytes), encodePlain(bytes)]).toEqual([text, text]);
    });
  });

  it("is the same by every encoder, also of a part of a buffer", () => {
    for (const length of lengths) {
      const bytes = bytesOf(length + 5).subarray(5);
      const text = encodePlain(bytes);
      expect(text.length).toBe(encodedLength(length));
      expect(encode(bytes)).toBe(text);
      const newer = Object.assign(bytes.slice(), { toBase64: () => "by the method" });
      expect(encode(newer)).toBe("by the method");
      vi.stubGlobal("Buffer", undefined);
      expect(encode(bytes)).toBe(text);
      vi.unstubAllGlobals();
      const read = new Uint8Array(length);
      expect(decode(text, read)).toBe(true);
      expect(read).toEqual(bytes);
    }
  });

  it("reads no other text", () => {
    for (const length of [1, 2, 3, 4, 5, 6, 7, 31]) {
      const text = encodePlain(bytesOf(length));
      const read = (wrong: string) => decode(wrong, new Uint8Array(length));
      expect(read(text)).toBe(true);
      for (const wrong of [`${text}AAAA`, text.slice(4), ` ${text}`, `${text}=`])
        expect(read(wrong)).toBe(false);
      for (let at = 0; at < text.length; at++) {
        for (const letter of ["=", " ", "-", "_", "\n", "\u0000", "\u0080", "Á", "ſ", "\ud800", "\uff21"]) {
          if (text[at] === letter) continue;
          expect(read(text.slice(0, at) + letter + text.slice(at + 1)), `${letter} at ${at} of ${text}`).toBe(
            false,
          );
        }
      }
      // Bits that no byte has are 0.
      if (length % 3 === 0) continue;
      const last = length % 3 === 1 ? text.length - 3 : text.length - 2;
      const code = text.charCodeAt(last);
      const next = String.fromCharCode(code + 1);
      if (/[A-Za-z0-9+/]/.test(next))
        expect(read(text.slice(0, last) + next + text.slice(last + 1))).toBe(false);
    }
  });

  it("is refused with its code where the host's strings are too short", () => {
    const bytes = Object.assign(bytesOf(9), {
      toBase64: () => {
        throw new RangeError("Invalid string length");
      },
    });
    expect(() => encode(bytes)).toThrow(
      expect.objectContaining({ code: "unsupported", message: expect.stringContaining("`save`") }),
    );
  });
});
