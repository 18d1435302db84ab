import { parseArgs } from 'node:util'

export interface CatalogBenchArguments {
  /** What comes before the options. */
  positionals: readonly string[]
  /** Where the catalogue stays for the next bench; without it, it is made anew, and gone afterwards. */
  folder: string | undefined
  /** Without peers to compare with. */
  isAlone: boolean
}

export function readBenchArguments(args: readonly string[]): CatalogBenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { folder: { type: 'string' }, alone: { type: 'boolean', default: false } },
  })
  return { positionals, folder: values.folder, isAlone: values.alone }
}

/** A number of tracks, written 1000000 or 1_000_000. */
export function readTracks(text: string | undefined, otherwise: number): number {
  const tracks = text === undefined ? otherwise : Number(text.replaceAll('_', ''))
  if (!Number.isInteger(tracks) || tracks < 1) throw new Error(`How many tracks? Not ${text}`)
  return tracks
}
