import {
  applyToModel,
  type ModelItem,
  type ModelPosition,
} from '../../../../subgraphs/playlists/testing/model.ts'
import type { Item } from './intent.ts'
import type { CreateScheme, Effect } from './scheme.ts'

/** Edits say where: insert at 5, remove 7, move 3 to 9. Each is right in the list that its author saw. */
export const indexAddressed: CreateScheme = (start) => {
  let list = [...start]
  return {
    list: () => list,
    look() {
      const seen = list
      return (intent) => {
        const to = 'after' in intent && intent.after !== null ? seen.indexOf(intent.after) + 1 : 0
        if (intent.kind === 'ADD') {
          list = list.toSpliced(to, 0, intent.item)
          return done(intent.item)
        }
        const at = seen.indexOf(intent.item)
        const item = list[at]
        if (item === undefined) return done(null)
        list = list.toSpliced(at, 1)
        if (intent.kind === 'MOVE') list = list.toSpliced(to > at ? to - 1 : to, 0, item)
        return done(item)
      }
    },
  }
}

/** Everybody writes the whole list: as they see it, with their edit in it. */
export const lastWriteWins: CreateScheme = (start) => {
  let list = [...start]
  return {
    list: () => list,
    look() {
      const seen = list
      return (intent) => {
        const others = seen.filter((item) => item !== intent.item)
        const to = 'after' in intent && intent.after !== null ? others.indexOf(intent.after) + 1 : 0
        list = intent.kind === 'REMOVE' ? others : others.toSpliced(to, 0, intent.item)
        return done(intent.item)
      }
    },
  }
}

/** Redis has at most this many edits that the database does not have yet. */
const WRITE_BEHIND = 10
/** One edit in so many meets a restart of Redis. */
const RESTART = 1_000

/**
 * A lock with a lease around a sorted set in Redis, which is written to the database later. A member is a track, so that each track is
 * there once; its score lies between those of the neighbours that the author saw, and equal scores are sorted by member.
 */
export const sortedSet: CreateScheme = (start, chance) => {
  let members = new Map(start.map((item, score) => [item.track, { item, score }]))
  let written = new Map(members)
  let unwritten = 0
  const list = (): Item[] =>
    [...members.values()]
      .sort((a, b) => a.score - b.score || a.item.track - b.item.track)
      .map(({ item }) => item)

  function writeBehind(): void {
    if (++unwritten >= WRITE_BEHIND) {
      written = new Map(members)
      unwritten = 0
    }
    if (chance.onceIn(RESTART)) members = new Map(written)
  }

  return {
    list,
    look() {
      const seen = list()
      const scores = seen.map(({ track }) => members.get(track)?.score ?? 0)
      return (intent) => {
        const there = members.get(intent.item.track)
        if (intent.kind === 'REMOVE') members.delete(intent.item.track)
        else {
          const to = intent.after === null ? 0 : seen.indexOf(intent.after) + 1
          const lower = scores[to - 1] ?? (scores[to] ?? 0) - 2
          const score = (lower + (scores[to] ?? lower + 2)) / 2
          members.set(intent.item.track, { item: there?.item ?? intent.item, score })
        }
        writeBehind()
        return done(there?.item ?? intent.item)
      }
    },
  }
}

/** Cadenza: items and anchors by their ids, in the order of their commits. This is the model that the room is tested against. */
export const itemsAndAnchors: CreateScheme = (start) => {
  let model: ModelItem[] = start.map(({ id }) => ({ id: String(id), isRemoved: false }))
  const items = new Map(start.map((item) => [String(item.id), item]))
  const positionOf = (after: Item | null): ModelPosition =>
    after === null ? { start: true } : { after: String(after.id) }

  return {
    list: () => model.flatMap(({ id, isRemoved }) => (isRemoved ? [] : (items.get(id) ?? []))),
    look: () => (intent) => {
      const id = String(intent.item.id)
      items.set(id, intent.item)
      if (intent.kind === 'REMOVE') {
        model = applyToModel(model, { kind: 'REMOVE', itemIds: [id] })
        return done(intent.item)
      }
      const isGone = model.some((one) => one.id === id && one.isRemoved)
      if (isGone) return { isRefused: true, item: null }
      model = applyToModel(model, { kind: intent.kind, itemIds: [id], position: positionOf(intent.after) })
      return done(intent.item)
    },
  }
}

function done(item: Item | null): Effect {
  return { isRefused: false, item }
}
