// Texts to the clipboard, also where the page has no right to it.

/** Selects the text of an element, for the keys of a person. */
export function selectText(element: HTMLElement): void {
  element.focus();
  if (element instanceof HTMLTextAreaElement) element.select();
  else getSelection()?.selectAllChildren(element);
}

/**
 * Copies a text. Pages that came over plain http have no `navigator.clipboard`; there the browser's old command copies a selection
 * within `holder`. Returns whether the text was copied.
 */
export async function copyText(text: string, holder: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.className = "unseen";
    area.value = text;
    holder.append(area);
    selectText(area);
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    } finally {
      area.remove();
    }
  }
}
