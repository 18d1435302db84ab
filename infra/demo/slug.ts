/** Latin letters that Unicode does not take apart into a letter and a mark. */
const SPELLED_OUT: Record<string, string> = {
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ß: 'ss',
  đ: 'd',
}

/** A title as lower-case ASCII words joined by hyphens, or null when it is written in another script. */
export function slugOf(title: string): string | null {
  const plain = title
    .toLowerCase()
    .replace(/[øæœðþłßđ]/g, (letter) => SPELLED_OUT[letter] ?? '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
  if (/[^\P{L}a-z]/u.test(plain)) return null
  const slug = plain
    .replace(/&/g, ' and ')
    .replace(/['.]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return slug === '' ? null : slug
}
