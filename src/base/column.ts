// Columns of text in a terminal.

/** Characters that take two columns: the wide ones of Unicode's annex 11, by blocks. */
export const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
/** Characters of no width: marks that combine with the character before them. */
export const combining = /[\p{Mn}\p{Me}\p{Cf}]/u;

export function columns(text: string): number {
  let count = 0;
  for (const character of text) count += combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return count;
}

/** Cuts a text to at most `most` columns, with an ellipsis at its end. */
export function cut(text: string, most: number): string {
  if (columns(text) <= most) return text;
  let [room, kept] = [most - 1, ""];
  for (const character of text) {
    room -= columns(character);
    if (room < 0) break;
    kept += character;
  }
  return `${kept}…`;
}
