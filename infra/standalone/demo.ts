import pg from 'pg'
import { derivedId } from '#shared/id.ts'
import { readDemoCatalogue } from '../demo/catalogue.ts'
import type { Rooms } from './rooms.ts'

/**
 * Loads the demo once per database: accounts, catalogue, playlists and two months of plays. What somebody deletes afterwards
 * stays deleted. Returns whether it was loaded now.
 */
export async function loadDemoOnce(rooms: Rooms, databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(
      'CREATE TABLE IF NOT EXISTS public.installation (what text PRIMARY KEY, at timestamptz DEFAULT now())',
    )
    const { rowCount } = await client.query("SELECT 1 FROM public.installation WHERE what = 'demo'")
    if (rowCount !== 0) return false
    const demo = readDemoCatalogue()
    await rooms.users.loadDemo(demo)
    await rooms.catalog.loadDemo(demo)
    await rooms.playlists.loadDemo(demo)
    await rooms.playback.loadDemo(demo)
    // Only now: a start that was cut off before this line loads again, and every loader may be repeated.
    await client.query("INSERT INTO public.installation (what) VALUES ('demo')")
    return true
  } finally {
    await client.end()
  }
}

/** The ids of the tracks whose audio is there when the door opens for the first time. */
export function firstTrackIds(): string[] {
  return readDemoCatalogue().firstTracks.map((key) => derivedId('track', `demo:${key}`))
}
