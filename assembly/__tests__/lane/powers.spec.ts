import { POWERS } from "../../lane/powers";
import * as reference from "./powers";

describe("the powers of exp's table", () => {
  it("are rounded correctly, head and tail", () => {
    for (let i = 0; i < 256; i++) expect(load<u64>(POWERS + (i << 3))).toBe(reference.POWERS[i], `word ${i}`);
  });
});
