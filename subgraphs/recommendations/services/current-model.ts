import type { Logger } from 'pino'
import { buildModel, type Model, type TrackFacts } from './model.ts'
import type { TrackRows } from './track-rows.ts'

/** The model of what this room knows now, at most `refreshMs` old. */
export interface CurrentModel {
  get(): Promise<Model>
  /** Keeps it fresh by itself, so that those who ask seldom wait. */
  start(): void
  stop(): Promise<void>
}

/** Raised when the same rows would make another model: cursors and measurements name it. */
const METHOD = 1

export function createCurrentModel(
  trackRows: TrackRows,
  logger: Logger,
  options: { refreshMs: number },
): CurrentModel {
  const facts = new Map<string, TrackFacts>()
  let changed = 0n
  let model = buildModel(versionOf(changed), [])
  let freshUntil = 0
  let isLoaded = false
  let refreshing: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null

  async function refresh(): Promise<void> {
    for (;;) {
      const changes = await trackRows.readAfter(changed)
      for (const change of changes) {
        if (change.facts === null) facts.delete(change.id)
        else facts.set(change.id, change.facts)
        changed = change.changed
      }
      if (changes.length === 0) break
    }
    const from = performance.now()
    if (model.version !== versionOf(changed)) model = buildModel(versionOf(changed), facts.values())
    isLoaded = true
    // A large catalogue that changes all the time is built less often: at most a twentieth of the time goes into it.
    const now = performance.now()
    freshUntil = now + Math.max(options.refreshMs, Math.min(20 * (now - from), 20 * options.refreshMs))
  }

  async function get(): Promise<Model> {
    if (performance.now() < freshUntil) return model
    refreshing ??= refresh().finally(() => {
      refreshing = null
    })
    try {
      await refreshing
    } catch (error) {
      if (!isLoaded) throw error
      logger.warn({ err: error }, 'the model stays as it is')
    }
    return model
  }

  return {
    get,
    start() {
      const tick = (): void =>
        void get().catch((error: unknown) => logger.warn({ err: error }, 'no model yet'))
      timer = setInterval(tick, Math.max(options.refreshMs, 250)).unref()
      tick()
    },
    async stop() {
      if (timer !== null) clearInterval(timer)
      await refreshing?.catch(() => undefined)
    },
  }
}

function versionOf(changed: bigint): string {
  return `content-${METHOD}.${changed}`
}
