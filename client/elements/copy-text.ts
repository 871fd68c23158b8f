/** Puts words on the clipboard; false where the browser does not allow it (plain http from another machine). */
export async function copyText(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return copyBySelection(words);
  }
}

/** The old way, for pages that are not served in a secure context. */
function copyBySelection(words: string): boolean {
  const field = document.createElement('textarea');
  const focused = document.activeElement;
  field.value = words;
  field.style.position = 'fixed';
  field.style.opacity = '0';
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return copied;
}
