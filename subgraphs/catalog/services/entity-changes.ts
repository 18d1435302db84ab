import { type ChangeFeed, createChangeFeed } from '#shared/change-feed.ts'
import type { EventLog } from '#shared/event-log.ts'
import { nodeTypeOf } from '#shared/id.ts'
import { ROWS_CHANGED, rowsChanged } from '../events.ts'
import type { EntityName } from '../models.ts'

/** What of the catalogue changes, for those who keep some of it. */
export type EntityChanges = ChangeFeed<EntityName>

const OWN = ['Artist', 'Album', 'Track', 'Genre', 'Show', 'Episode'] as const

export function createEntityChanges(log: EventLog): EntityChanges {
  return createChangeFeed({
    log,
    room: 'catalog',
    topics: [ROWS_CHANGED],
    changesOf: ({ payload }) => namesOf(rowsChanged.parse(payload).ids ?? []),
  })
}

/** The entities of this room among these: each is named whose own fields or lists are others now. */
function namesOf(ids: readonly string[]): EntityName[] {
  return ids.flatMap((id) => {
    const typename = OWN.find((own) => own === nodeTypeOf(id))
    return typename === undefined ? [] : [{ typename, id }]
  })
}
