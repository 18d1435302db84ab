import { derivedId } from '#shared/id.ts'

/** A file with music in it. */
export interface FileContent {
  pathHash: string
  contentHash: string
}

/** A track and the file it was last; without a path that file is gone. */
export interface KnownTrack {
  id: string
  pathHash: string | null
  contentHash: string
}

/** Which track a file is, and how that is known: nothing of it is other, it lay elsewhere, its path holds something else now, or it is new. */
export interface AssignedTrack extends FileContent {
  id: string
  how: 'SAME' | 'MOVED' | 'CHANGED' | 'NEW'
}

export interface Assignment {
  tracks: AssignedTrack[]
  /** Files with the content of another one, and which that is: they are no tracks of their own. */
  copies: Map<string, string>
  /** Tracks whose file is gone, or became somebody else's copy. */
  gone: string[]
}

/**
 * Says which track each file is, `files` in the order of their paths. Of files alike the first one counts. Content tells more than place: what was
 * moved, or put in the place of something else, stays the track it was; only a file whose content is new is the track that lay there.
 */
export function assignTracks(files: readonly FileContent[], known: readonly KnownTrack[]): Assignment {
  const firsts = new Map<string, FileContent>()
  const copies = new Map<string, string>()
  for (const file of files) {
    const first = firsts.get(file.contentHash)
    if (first === undefined) firsts.set(file.contentHash, file)
    else copies.set(file.pathHash, first.pathHash)
  }

  const left = new Map(known.map((track) => [track.id, track]))
  const tracks: AssignedTrack[] = []
  const open = new Map(firsts)
  const assign = (
    how: AssignedTrack['how'],
    candidates: ReadonlyMap<string, KnownTrack>,
    keyOf: (file: FileContent) => string,
  ): void => {
    for (const file of [...open.values()]) {
      const track = candidates.get(keyOf(file))
      if (track === undefined || !left.delete(track.id)) continue
      open.delete(file.contentHash)
      tracks.push({ ...file, id: track.id, how })
    }
  }
  const placeOf = ({ pathHash, contentHash }: { pathHash: string | null; contentHash: string }): string =>
    `${pathHash} ${contentHash}`
  assign('SAME', new Map(known.map((track) => [placeOf(track), track])), placeOf)
  const rest = [...left.values()]
  assign('MOVED', new Map(rest.map((track) => [track.contentHash, track])), ({ contentHash }) => contentHash)
  assign(
    'CHANGED',
    new Map(rest.flatMap((track) => (track.pathHash === null ? [] : [[track.pathHash, track]]))),
    ({ pathHash }) => pathHash,
  )

  const taken = new Set(known.map(({ id }) => id))
  for (const file of open.values()) {
    const id = newId(file, taken)
    taken.add(id)
    tracks.push({ ...file, id, how: 'NEW' })
  }
  return { tracks, copies, gone: [...left.keys()] }
}

/** From what is in the file, so that any database gives it the same; where somebody has that already, from its path too. */
function newId({ contentHash, pathHash }: FileContent, taken: ReadonlySet<string>): string {
  let id = derivedId('file', contentHash)
  for (let turn = 0; taken.has(id); turn++) id = derivedId('file', `${contentHash}:${pathHash}:${turn}`)
  return id
}
