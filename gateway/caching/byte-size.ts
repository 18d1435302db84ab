const STRING = 24
const NUMBER = 16
const OBJECT = 64
const MEMBER = 32

/** About how much memory a JSON value holds, in bytes; rather more than less. */
export function byteSize(value: unknown): number {
  if (typeof value === 'string') return STRING + value.length
  if (typeof value !== 'object' || value === null) return NUMBER
  let bytes = OBJECT
  if (Array.isArray(value)) for (const item of value) bytes += byteSize(item)
  else
    for (const key of Object.keys(value)) bytes += MEMBER + byteSize((value as Record<string, unknown>)[key])
  return bytes
}
