import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DocumentNode, Kind, visit } from 'graphql'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Operations, ReadyOperation } from './operations.ts'

/** An operation as a client sends it. */
export type KnownOperation = Pick<ReadyOperation, 'source' | 'operationName' | 'rights'>

const REMEMBERED = 200
const WRITTEN_EVERY_MS = 60_000

const listSchema = z.array(z.object({ source: z.string(), operationName: z.string().optional() }))

/** What planning may take before a supergraph is served, in milliseconds; what is left is planned when it is asked for. */
const TIME_MS = 5_000

/**
 * Plans what is known to be asked for, given latest first, one operation at a time: requests get their turn in between. The
 * second round costs nothing and puts them in order again, so that what was asked for last is forgotten last.
 */
export async function warmUp(operations: Operations, known: readonly KnownOperation[]): Promise<void> {
  const deadline = performance.now() + TIME_MS
  const planned: KnownOperation[] = []
  for (const operation of known.slice(0, REMEMBERED)) {
    await new Promise((resolve) => setImmediate(resolve))
    if (performance.now() > deadline) break
    if (isReady(operations, operation)) planned.push(operation)
  }
  for (const operation of planned.reverse()) isReady(operations, operation)
}

/** False where it does not fit this supergraph: whoever sends it again will be told. */
function isReady(operations: Operations, { source, operationName, rights }: KnownOperation): boolean {
  try {
    operations.ready(source, operationName, rights)
    return true
  } catch {
    return false
  }
}

/** What clients ask for, kept in a file over a restart: the first of them need not wait for a plan. */
export interface WarmUpList {
  read(): Promise<KnownOperation[]>
  /** Keeps the list written from now on. */
  start(): void
  stop(): Promise<void>
}

export function createWarmUpList(
  file: string,
  known: () => readonly ReadyOperation[],
  logger: Logger,
): WarmUpList {
  let timer: NodeJS.Timeout | undefined
  let written = ''

  async function write(): Promise<void> {
    const list = known()
      .filter(({ kind, document }) => kind !== 'mutation' && !holdsText(document))
      .slice(0, REMEMBERED)
      .map(({ source, operationName }) => ({ source, operationName }))
      .filter(({ source }, place, all) => all.findIndex((other) => other.source === source) === place)
    const text = JSON.stringify(list)
    if (text === written || list.length === 0) return
    const draft = `${file}.${randomUUID()}`
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, text, { mode: 0o600 })
    await rename(draft, file)
    written = text
  }
  const tryToWrite = (): Promise<void> =>
    write().catch((error: unknown) => logger.warn({ err: error }, 'the warm-up list cannot be written'))

  return {
    async read() {
      try {
        return listSchema
          .parse(JSON.parse(await readFile(file, 'utf8')))
          .map(({ source, operationName }) => ({ source, operationName, rights: null }))
      } catch (error) {
        // The first start has none; whatever else is wrong with it costs some plans, not the start.
        logger.debug({ err: error }, 'there is no warm-up list')
        return []
      }
    },
    start() {
      timer = setInterval(() => void tryToWrite(), WRITTEN_EVERY_MS).unref()
    },
    async stop() {
      clearInterval(timer)
      await tryToWrite()
    },
  }
}

/** A text in a document may be somebody's secret, so such a document is not kept. Clients that use variables lose nothing. */
function holdsText(document: DocumentNode): boolean {
  let holds = false
  visit(document, {
    enter({ kind }) {
      if (kind === Kind.STRING) holds = true
    },
  })
  return holds
}
