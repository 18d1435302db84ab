import type { DemoCatalogue } from './catalogue.ts'

/** The catalogue as JSON with one record a line, so that a change shows as the lines it touches. */
export function printCatalogue(catalogue: DemoCatalogue): string {
  const { version, managedArtist, firstTracks, genres, artists, albums, shows, playlists } = catalogue
  return `{
"version": ${version},
"managedArtist": ${JSON.stringify(managedArtist)},
"firstTracks": ${lines(firstTracks)},
"genres": ${lines(genres)},
"artists": ${lines(artists)},
"albums": ${lines(albums, 'tracks')},
"shows": ${lines(shows, 'episodes')},
"playlists": ${lines(playlists)}
}
`
}

/** An array with a line for each record, and for each of the records nested in it under `inner`. */
function lines<T>(records: readonly T[], inner?: keyof T & string): string {
  const printed = records.map((record) => {
    const nested = inner === undefined ? undefined : record[inner]
    if (!Array.isArray(nested)) return `  ${JSON.stringify(record)}`
    const head = JSON.stringify({ ...record, [inner as string]: undefined }).slice(0, -1)
    return `  ${head},"${inner}":[\n${nested.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]}`
  })
  return `[\n${printed.join(',\n')}\n]`
}
