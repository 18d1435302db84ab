import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ImportOutcome, importTracks } from '../import/import-tracks.ts'
import type { TestCatalog } from './catalog-room.ts'

export const HEADER =
  'track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,track_album_release_date,' +
  'danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,duration_ms'

/** One line of a file; what a test does not say is made up from the id. */
export function line(
  id: string,
  columns: Partial<
    Record<'name' | 'artist' | 'album' | 'date' | 'popularity' | 'tempo' | 'duration', string>
  > = {},
) {
  const { name = `Song ${id}`, artist = 'Ann', album = `album-${id}`, date = '2019-03-01' } = columns
  const { popularity = '50', tempo = '120.5', duration = '200000' } = columns
  return `${id},${name},${artist},${popularity},${album},Album ${album},${date},0.5,0.6,7,-5.2,1,0.04,7.61e-4,0,0.1,0.3,${tempo},${duration}`
}

export interface Run {
  outcome: ImportOutcome
  faults: [number, string][]
}

/** Imports a file with this content. */
export async function runImport(catalog: TestCatalog, content: string | Buffer): Promise<Run> {
  const file = join(catalog.home, 'tracks.csv')
  await writeFile(file, content)
  const faults: [number, string][] = []
  const outcome = await importTracks({
    file,
    source: 'spotify',
    catalogue: catalog.catalogue,
    onFault: (number, reason) => faults.push([number, reason]),
    onProgress: () => undefined,
  })
  return { outcome, faults }
}

/** A whole file of these lines. */
export const text = (...lines: string[]): string => `${[HEADER, ...lines].join('\n')}\n`
