const token =
  /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<&]*(?:&[a-z#\d]+;[^"<&]*)*")*)(\/?)>|[^<&]+|&(?:amp|lt|gt|quot|#39);/gsy;

/** Whether a piece of XML is: every tag closed in its turn, nothing left unescaped. */
export function wellFormed(xml: string): boolean {
  const open: string[] = [];
  let end = 0;
  for (const [text, closing, name = '', , alone] of xml.matchAll(token)) {
    end += text.length;
    if (name === '' || alone === '/') continue;
    if (closing === '/' && open.pop() !== name) return false;
    if (closing === '') open.push(name);
  }
  return end === xml.length && open.length === 0;
}
