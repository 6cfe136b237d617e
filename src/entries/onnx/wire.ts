// Counts the bytes of a file before they are decoded, since a decoder makes an object of 130 bytes from a message of one.
// https://protobuf.dev/programming-guides/encoding/

import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { GraphError } from "../../index.js";

const MESSAGES = 1_000_000;
/** Most numbers and texts in lists, outside of raw data: up to 32 bytes of memory for a byte of file. */
const ITEMS = 2 ** 24;
/** Greatest depth of nested messages; the decoder's own bound. */
const DEPTH = 100;

export function damaged(what: string, cause?: unknown): GraphError {
  return new GraphError("bad-file", `This is no ONNX file: ${what}.`, cause === undefined ? {} : { cause });
}

const wires = { varint: 0, eight: 1, length: 2, four: 5 } as const;
type Wire = (typeof wires)[keyof typeof wires];

/** A field as it should be: its wire type, its message, whether it is a list, and the wire type of its numbers. */
interface Expected {
  readonly wire: Wire;
  readonly message?: DescMessage;
  readonly list: boolean;
}

const fields = new WeakMap<DescMessage, Map<number, Expected>>();

function expected(message: DescMessage): Map<number, Expected> {
  let known = fields.get(message);
  if (known === undefined) {
    known = new Map(message.fields.map((field) => [field.number, expectation(field)]));
    fields.set(message, known);
  }
  return known;
}

function expectation(field: DescField): Expected {
  const list = field.fieldKind === "list";
  if (field.message !== undefined) return { wire: wires.length, message: field.message, list };
  if (field.scalar === undefined) return { wire: wires.varint, list };
  return { wire: scalarWires[field.scalar] ?? wires.varint, list };
}

/** Wire types of scalars; all others are varints. */
const scalarWires: Readonly<Partial<Record<ScalarType, Wire>>> = {
  [ScalarType.STRING]: wires.length,
  [ScalarType.BYTES]: wires.length,
  [ScalarType.FLOAT]: wires.four,
  [ScalarType.FIXED32]: wires.four,
  [ScalarType.SFIXED32]: wires.four,
  [ScalarType.DOUBLE]: wires.eight,
  [ScalarType.FIXED64]: wires.eight,
  [ScalarType.SFIXED64]: wires.eight,
};

/** Refuses bytes that are no message of a kind, or hold too much. Throws `bad-file`. */
export function checkWire(bytes: Uint8Array, kind: DescMessage): void {
  let at = 0;
  let messages = 0;
  let items = 0;

  /** Reads a varint's low 32 bits, of at most ten bytes. */
  const varint = (end: number): number => {
    let value = 0;
    for (let i = 0; i < 10 && at < end; i++) {
      const byte = bytes[at++]!;
      if (i < 5) value = (value | ((byte & 0x7f) << (7 * i))) >>> 0;
      if (byte < 0x80) return value;
    }
    throw damaged(`a number at byte ${at} has no end`);
  };

  const count = (end: number, wire: Wire): number => {
    if (wire !== wires.varint) return Math.ceil((end - at) / (wire === wires.four ? 4 : 8));
    let ends = 0;
    for (let i = at; i < end; i++) if (bytes[i]! < 0x80) ends++;
    return ends;
  };

  const message = (kind: DescMessage, end: number, depth: number): void => {
    if (++messages > MESSAGES) throw damaged(`it has more than ${MESSAGES} messages`);
    if (depth > DEPTH) throw damaged(`it has more than ${DEPTH} messages in one another`);
    const known = expected(kind);
    while (at < end) {
      const start = at;
      const tag = varint(end);
      const [number, wire] = [tag >>> 3, tag & 7];
      const field = known.get(number);
      const packed = field?.list && wire === wires.length && field.wire !== wires.length;
      if (number === 0 || (field !== undefined && wire !== field.wire && !packed)) {
        throw damaged(`byte ${start} is no field of ${kind.name}`);
      }
      if (field?.list && !packed && field.message === undefined) items++;
      if (wire === wires.varint) varint(end);
      else if (wire === wires.eight) at += 8;
      else if (wire === wires.four) at += 4;
      else if (wire === wires.length) {
        const last = varint(end) + at;
        if (last > end) throw damaged(`it ends within a field, at byte ${start}`);
        if (packed) items += count(last, field.wire);
        if (field?.message !== undefined) message(field.message, last, depth + 1);
        at = last;
      } else throw damaged(`byte ${start} begins a group`);
      if (at > end) throw damaged(`it ends within a field, at byte ${start}`);
      if (items > ITEMS) throw damaged(`it has more than ${ITEMS} numbers and texts outside of raw data`);
    }
  };
  message(kind, bytes.length, 1);
}
