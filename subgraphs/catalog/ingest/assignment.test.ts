import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignTracks, type FileContent, type KnownTrack } from './assignment.ts'

const file = (pathHash: string, contentHash: string): FileContent => ({ pathHash, contentHash })
/** What is remembered of files after they were assigned to tracks. */
function remember(files: readonly FileContent[], known: readonly KnownTrack[] = []): KnownTrack[] {
  const { tracks, gone } = assignTracks(files, known)
  const lost = known.filter(({ id }) => gone.includes(id)).map((track) => ({ ...track, pathHash: null }))
  return [...tracks.map(({ how: _, ...track }) => track), ...lost]
}
const idsOf = (tracks: readonly KnownTrack[]): Map<string, string> =>
  new Map(tracks.map(({ contentHash, id }) => [contentHash, id]))

test('two files that change places are the tracks they were', () => {
  const known = remember([file('a', 'one'), file('b', 'two')])
  const { tracks } = assignTracks([file('a', 'two'), file('b', 'one')], known)

  expect(tracks.map(({ how }) => how)).toEqual(['MOVED', 'MOVED'])
  expect(idsOf(tracks)).toEqual(idsOf(known))
})

test('what is new in a place is the track of that place, unless that has moved', () => {
  const known = remember([file('a', 'one')])
  const changed = assignTracks([file('a', 'two')], known)
  const moved = assignTracks([file('a', 'two'), file('b', 'one')], known)

  expect(changed.tracks).toMatchObject([{ how: 'CHANGED', id: known[0]?.id }])
  expect(idsOf(moved.tracks).get('one')).toBe(known[0]?.id)
  expect(moved.tracks.find(({ contentHash }) => contentHash === 'two')?.how).toBe('NEW')
})

test('a copy takes over when what it is a copy of goes, and a file that was gone is the same track again', () => {
  const known = remember([file('a', 'one'), file('b', 'one')])
  const taken = remember([file('b', 'one')], known)
  const gone = remember([], taken)

  expect(known).toHaveLength(1)
  expect(taken).toEqual([{ ...known[0], pathHash: 'b' }])
  expect(gone).toEqual([{ ...known[0], pathHash: null }])
  expect(assignTracks([file('c', 'one')], gone).tracks).toMatchObject([{ how: 'MOVED', id: known[0]?.id }])
})

test('whatever was before, each content is one track, each path at most one, and nobody loses an id', () => {
  const folder = fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('one', 'two', 'three'))
    .map((content) =>
      Object.entries(content)
        .sort()
        .map(([path, sound]) => file(path, sound)),
    )
  const check = (folders: FileContent[][]): void => {
    let known: KnownTrack[] = []
    for (const files of folders) {
      const { tracks, copies } = assignTracks(files, known)
      const after = remember(files, known)

      expect(tracks.map(({ contentHash }) => contentHash).sort()).toEqual(
        [...new Set(files.map(({ contentHash }) => contentHash))].sort(),
      )
      expect([...copies.keys(), ...tracks.map(({ pathHash }) => pathHash)].sort()).toEqual(
        files.map(({ pathHash }) => pathHash).sort(),
      )
      expect(new Set(after.map(({ id }) => id)).size).toBe(after.length)
      expect(after.map(({ id }) => id)).toEqual(expect.arrayContaining(known.map(({ id }) => id)))
      expect(assignTracks(files, after).tracks.every(({ how }) => how === 'SAME')).toBe(true)
      known = after
    }
  }

  fc.assert(fc.property(fc.array(folder, { minLength: 1, maxLength: 6 }), check), { numRuns: 500 })
})
