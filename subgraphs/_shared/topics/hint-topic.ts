import { randomBytes } from 'node:crypto'

/** Carries hints between processes: "look again at this key". Never the truth: a lost hint costs one poll. */
export interface HintTopic {
  /** Calls `onHint` with each hint's text for `key`; returns the way to leave. */
  listen(key: string, onHint: (hint: string) => void): () => void
  /**
   * Hints are said after commit; nobody waits for them and their loss is not an error. Listeners of this process hear it at
   * once, whatever becomes of the way to the others. Of several for one key that cannot go out at once, the last is enough.
   * A key has no blanks; key and hint have at most `MAX_HINT` bytes.
   */
  say(key: string, hint: string): void
  /** How many listeners there are now: the figure that shows a leak. */
  size(): number
  close(): Promise<void>
}

/** What PostgreSQL takes in one notification, less what stands before the hint. */
export const MAX_HINT = 7_900

/** The way to the other processes. Losing a text is its right; waiting for long is not. */
export interface Carrier {
  send(texts: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Hints over any carrier. `open` is given what is to be called with each text that arrives, one's own included or not. */
export function createHintTopic(open: (receive: (text: string) => void) => Carrier): HintTopic {
  const self = randomBytes(9).toString('base64url')
  const listeners = new Map<string, Set<(hint: string) => void>>()
  const unsaid = new Map<string, string>()
  let isSaying = false

  const tell = (key: string, hint: string): void => {
    for (const listener of listeners.get(key) ?? []) listener(hint)
  }
  const carrier = open((text) => {
    const [origin, key, hint] = parse(text)
    if (origin !== self) tell(key, hint)
  })

  async function sayAll(): Promise<void> {
    isSaying = true
    while (unsaid.size > 0) {
      const texts = [...unsaid].map(([key, hint]) => `${self} ${key} ${hint}`)
      unsaid.clear()
      await carrier.send(texts).catch(() => undefined)
    }
    isSaying = false
  }

  return {
    listen(key, onHint) {
      const own = listeners.get(key) ?? new Set()
      listeners.set(key, own.add(onHint))
      return () => {
        own.delete(onHint)
        if (own.size === 0 && listeners.get(key) === own) listeners.delete(key)
      }
    },
    say(key, hint) {
      unsaid.set(key, hint)
      if (!isSaying) void sayAll()
      tell(key, hint)
    },
    size: () => [...listeners.values()].reduce((sum, own) => sum + own.size, 0),
    close: () => carrier.close(),
  }
}

function parse(text: string): [origin: string, key: string, hint: string] {
  const first = text.indexOf(' ')
  const second = text.indexOf(' ', first + 1)
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)]
}
