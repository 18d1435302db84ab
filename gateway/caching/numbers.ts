import { LRUCache } from 'lru-cache'

const REMEMBERED = 10_000

/** No two texts ever have one number, not even of different callers of this function. */
let last = 0

/** Numbers that stand for long texts: a text has the same one for as long as it is remembered, and then another. */
export function createNumbers(): (text: string) => number {
  const numbers = new LRUCache<string, number>({ max: REMEMBERED })
  return (text) => {
    const number = numbers.get(text) ?? ++last
    numbers.set(text, number)
    return number
  }
}
