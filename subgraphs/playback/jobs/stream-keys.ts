import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { readSecret } from '#shared/secrets.ts'
import { firstKeyRing, type KeyRing, parseKeyRing } from '../services/key-ring.ts'

/** The installation's key ring, as its file says now. */
export interface StreamKeys {
  ring(): KeyRing
  start(): void
  stop(): Promise<void>
  /** Reads the file again; one that does not hold is logged, and the ring stays as it was. */
  refresh(): Promise<void>
}

const FILE = 'stream-keys.json'
const EVERY_MS = 15_000

/**
 * Opens `<home>/secrets/stream-keys.json`, made on first use, and follows it: keys are rotated by editing the file, without a
 * restart. Add the second key; half a minute later make it the active one; drop the first when its last token has died.
 */
export async function openStreamKeys(home: string, logger: Logger): Promise<StreamKeys> {
  let text = await readSecret(home, FILE, firstKeyRing)
  let ring = parseKeyRing(text)
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  async function refresh(): Promise<void> {
    try {
      const found = await readFile(join(home, 'secrets', FILE), 'utf8')
      if (found === text) return
      ring = parseKeyRing(found)
      text = found
      logger.info({ active: ring.active, keys: [...ring.keys.keys()] }, 'stream keys changed')
    } catch (error) {
      logger.error({ err: error }, 'the stream keys cannot be read, keeping those there were')
    }
  }

  return {
    ring: () => ring,
    refresh,
    start() {
      timer = setInterval(() => {
        running = refresh()
      }, EVERY_MS).unref()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
