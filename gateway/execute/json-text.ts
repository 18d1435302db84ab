/** Anything that JSON writes otherwise than it stands: controls, quotes, backslashes, and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what has to be escaped
const NEEDS_ESCAPE = /[\u0000-\u001f"\\\ud800-\udfff]/

/** Above this many characters the scan costs more than the library's own. */
const LONG = 5000

/** A string as JSON text; well-formed whatever it holds. */
export function quote(text: string): string {
  return text.length < LONG && !NEEDS_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** Any value as JSON text; undefined for what JSON cannot say (functions, cycles, big integers). */
export function toJson(value: unknown): string | undefined {
  if (typeof value === 'string') return quote(value)
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
