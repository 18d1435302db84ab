import { beforeAll } from 'vitest'
import { testAccounts } from './accounts.ts'
import { testArtists } from './artists.ts'
import { type Cast, gatherCast } from './cast.ts'
import { testCatalogue } from './catalogue.ts'
import { testLibrary } from './library.ts'
import { testPlayback } from './playback.ts'
import { testPlayer } from './player.ts'
import { testPlaylists } from './playlists.ts'
import { testPrivacy } from './privacy.ts'
import { testRoyalties } from './royalties.ts'
import { testUploads } from './uploads.ts'

/**
 * The operations that are due, verbatim, as a front end sends them to `address()`. The same list runs over one process and
 * over rooms reached by HTTP.
 */
export function testContract(address: () => string): void {
  let cast: Cast

  beforeAll(async () => {
    cast = await gatherCast(address())
  })

  testAccounts(() => cast, address)
  testCatalogue(() => cast)
  testPlaylists(() => cast)
  testLibrary(() => cast)
  testPlayback(() => cast)
  testPlayer(() => cast)
  testArtists(() => cast, address)
  testRoyalties(() => cast, address)
  testUploads(() => cast, address)
  testPrivacy(() => cast, address)
}
