import type { Track, WireItem } from './change.ts'
import type { Position } from './items.ts'

/** An addition of this client's, whose items go by stand-ins until the server has named them. */
export interface Addition {
  nonce: string
  tracks: readonly Track[]
  /** Where it is shown. */
  place: Position
}

/** What the server calls the items that were added here. */
export interface Names {
  /** The server's id of a stand-in, once it is known; any other id as it is. */
  actual(id: string): string
  /** The same of several, without those that never came to be. */
  actualIds(ids: readonly string[]): string[]
  /** The position by the server's ids. By an item that never came to be, it is where that would have stood. */
  position(position: Position): Position
  /** What a list component tells the row of an item by: its stand-in, if it had one. */
  keyOf(id: string): string
  /** Which of the tracks have become which items; those for which there is none were left out. None at all: it was refused. */
  learn(addition: Addition, added: readonly WireItem<Track>[]): void
}

/** The id that stands in for the one that the server will give. */
export function standIn(nonce: string, index: number): string {
  return `${nonce}.${index}`
}

export function createNames(): Names {
  const actualIds = new Map<string, string>()
  const keys = new Map<string, string>()
  const leftOut = new Map<string, Position>()

  const actual = (id: string): string => actualIds.get(id) ?? id

  function position(wanted: Position): Position {
    const anchor = 'before' in wanted ? wanted.before : 'after' in wanted ? wanted.after : null
    if (anchor === null) return wanted
    const instead = leftOut.get(anchor)
    if (instead !== undefined) return position(instead)
    return 'before' in wanted ? { before: actual(anchor) } : { after: actual(anchor) }
  }

  return {
    actual,
    actualIds: (ids) => ids.filter((id) => !leftOut.has(id)).map(actual),
    position,
    keyOf: (id) => keys.get(id) ?? id,

    learn({ nonce, tracks, place }, added) {
      const isAll = added.length === tracks.length
      const rest = [...added]
      let before = place
      for (const [index, wanted] of tracks.entries()) {
        const name = standIn(nonce, index)
        const [next] = rest
        // In order: and while the catalogue is away nobody can tell which tracks they are.
        const isIt = next !== undefined && (isAll || next.track?.id === wanted.id)
        if (isIt) {
          rest.shift()
          actualIds.set(name, next.id)
          keys.set(next.id, name)
          before = { after: next.id }
        } else leftOut.set(name, before)
      }
    },
  }
}
