import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { readSecret } from '#shared/secrets.ts'

/** A file of the installation's secrets, as it says now. */
export interface SecretFile<Value> {
  current(): Value
  start(): void
  stop(): Promise<void>
  /** Reads the file again; one that does not hold is logged, and the value stays as it was. */
  refresh(): Promise<void>
}

export interface SecretFileOptions<Value> {
  home: string
  /** Under `<home>/secrets`. */
  name: string
  /** The text of the file when there is none. */
  first(): string
  /** Throws what does not hold. */
  parse(text: string): Value
  /** Called with what the file says anew. */
  onChange?(value: Value): Promise<void>
  logger: Logger
}

const EVERY_MS = 15_000

/** Opens a file of secrets, made on first use, and follows it: whoever runs the installation edits it, and nothing is started anew. */
export async function openSecretFile<Value>(options: SecretFileOptions<Value>): Promise<SecretFile<Value>> {
  const { home, name, parse, logger } = options
  let text = await readSecret(home, name, options.first)
  let value = parse(text)
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()

  async function refresh(): Promise<void> {
    try {
      const found = await readFile(join(home, 'secrets', name), 'utf8')
      if (found === text) return
      value = parse(found)
      text = found
      logger.info({ file: name }, 'secrets changed')
      await options.onChange?.(value)
    } catch (error) {
      logger.error({ err: error, file: name }, 'a file of secrets cannot be followed, keeping what it said')
    }
  }

  return {
    current: () => value,
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
