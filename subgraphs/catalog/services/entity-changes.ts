import type { Ahead, EventLog, LogPosition } from '#shared/event-log.ts'
import { nodeTypeOf } from '#shared/id.ts'
import { createChannel } from '#shared/streams.ts'
import { ROWS_CHANGED, rowsChanged } from '../events.ts'
import type { EntityName } from '../models.ts'

/** What of the catalogue changes, for those who keep some of it. */
export interface EntityChanges {
  /** Everything that is committed from now on, once at least. A log that cannot be read ends the stream with an error. */
  open(): Promise<AsyncIterableIterator<EntityName[]>>
}

const OWN = ['Artist', 'Album', 'Track', 'Genre', 'Show', 'Episode'] as const

const BATCH = 500
/** How soon to look again: when events are there but not yet to be read, and in case a hint was lost. */
const [UNSETTLED_MS, POLL_MS] = [20, 1_000]

export function createEntityChanges(log: EventLog): EntityChanges {
  return {
    async open() {
      let position = await log.end()
      let isOver = false
      let isHinted = false
      let ring = (): void => undefined
      const wake = (): void => {
        isHinted = true
        ring()
      }
      const unlisten = log.onNews('catalog', wake)
      const channel = createChannel<EntityName[]>({
        onClose() {
          isOver = true
          unlisten()
          ring()
        },
      })

      async function step(after: LogPosition): Promise<Ahead> {
        isHinted = false
        const { events, next, ahead } = await log.read('catalog', after, [ROWS_CHANGED], BATCH)
        position = next
        const names = events.flatMap(({ payload }) => namesOf(rowsChanged.parse(payload).ids ?? []))
        if (names.length > 0) channel.push(names)
        return ahead
      }

      async function rest(ms: number): Promise<void> {
        if (isHinted || isOver) return
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms)
          ring = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }

      async function run(): Promise<void> {
        while (!isOver) {
          const ahead = await step(position)
          if (ahead === 'unsettled') await rest(UNSETTLED_MS)
          if (ahead === 'nothing') await rest(POLL_MS)
        }
      }

      run().catch((error: Error) => channel.close(error))
      return channel
    },
  }
}

/** The entities of this room among these: each is named whose own fields or lists are others now. */
function namesOf(ids: readonly string[]): EntityName[] {
  return ids.flatMap((id) => {
    const typename = OWN.find((own) => own === nodeTypeOf(id))
    return typename === undefined ? [] : [{ typename, id }]
  })
}
