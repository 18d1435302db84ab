import { beforeAll, describe, expect, test } from 'vitest'
import { derivedId } from '#shared/id.ts'
import { CLOSE_AFTER_MS } from '../../../subgraphs/playback/royalties/close-request.ts'
import { monthOf } from '../../../subgraphs/playback/royalties/month.ts'
import { hasChromium, keepPicture, openBrowser } from '../../testing/browser.ts'
import { type ApiClient, type Json, list, signIn } from '../../testing/client.ts'
import { type Cast, codes } from './cast.ts'

/** The last month that can be closed: it has been over for a day. */
const MONTH = monthOf(monthOf(Date.now() - CLOSE_AFTER_MS).from.getTime() - 1).name
const SCREEN = { width: 900, height: 1_000 }
/** What A4 is without its margins, in pixels of 96 an inch. */
const PAPER = { width: 673, height: 979 }
/** Managed by the artist's account of the demo. */
const ARTIST = derivedId('artist', 'demo:wren-halloway')

/** What a month earned: closed by an administrator, seen by the artist. */
export function testRoyalties(cast: () => Cast, address: () => string): void {
  describe('what a month earned', () => {
    let admin: ApiClient
    let premium: ApiClient
    let artist: ApiClient

    // Not before the other tests: one of them ends all sessions of this account.
    beforeAll(async () => {
      ;({ admin, premium } = cast())
      artist = await signIn(address(), 'artist@cadenza.example')
    })

    const close = async (client: ApiClient, figures: object = {}): Promise<Json> => {
      const input = {
        month: MONTH,
        currency: 'USD',
        revenueMicros: 1_000_000_007,
        keptPercent: 30,
        ...figures,
      }
      return (await client.data('RoyaltyMonthClose', { input }))['royaltyMonthClose'] as Json
    }

    test('an administrator closes a month, and its pool is paid out to the unit', async () => {
      await expect.poll(async () => (await close(admin))['state'], { timeout: 30_000 }).toBe('DONE')
      const { statement, userErrors } = await close(admin)
      const payouts = list(statement?.['payouts']?.['nodes'])

      expect(userErrors).toEqual([])
      expect(statement).toMatchObject({ month: MONTH, poolMicros: 700_000_005 })
      if (Number(statement?.['payouts']?.['totalCount']) <= 20)
        expect(payouts.reduce((sum, { amountMicros }) => sum + Number(amountMicros), 0)).toBe(700_000_005)
      expect(codes(await close(admin, { keptPercent: 31 }))).toEqual(['CONFLICT'])
      expect(codes(await close(premium))).toEqual(['FORBIDDEN'])
    })

    test('its statement can be read, downloaded and explained, by an administrator', async () => {
      const { royaltyStatement } = await admin.data('RoyaltyStatement', { month: MONTH })
      const csv = await fetch(String(royaltyStatement?.['csvUrl']))
      const sum = (await csv.text())
        .trim()
        .split('\r\n')
        .slice(1)
        .reduce((all, line) => all + Number(line.split(',').at(-3)), 0)

      expect(sum).toBe(700_000_005)
      expect((await fetch(String(royaltyStatement?.['pageUrl']))).headers.get('content-type')).toContain(
        'text/html',
      )
      const [first] = list(royaltyStatement?.['payouts']?.['nodes'])
      const asked = { month: MONTH, rightsHolderId: first?.['rightsHolder']?.['id'] }
      expect((await admin.data('RoyaltyExplain', asked))['royaltyPayout']).toMatchObject({
        amountMicros: first?.['amountMicros'],
      })
      expect((await premium.data('RoyaltyExplain', asked))['royaltyPayout']).toBeNull()
    })

    test.skipIf(!hasChromium)('its page is whole on a screen and on paper (needs Chromium)', async () => {
      const { royaltyStatement } = await admin.data('RoyaltyStatement', { month: MONTH })
      await using browser = await openBrowser()
      const page = await browser.newPage({ viewport: SCREEN })
      const width = (): Promise<unknown> => page.evaluate('document.documentElement.scrollWidth')
      await page.goto(String(royaltyStatement?.['pageUrl']))
      await keepPicture('royalty-statement.png', await page.screenshot())
      const onScreen = await width()
      const payouts = await page.locator('table').last().locator('tbody tr').count()
      await page.emulateMedia({ media: 'print' })
      await page.setViewportSize(PAPER)

      expect(payouts).toBe((await close(admin))['statement']?.['payouts']?.['totalCount'])
      expect(onScreen).toBeLessThanOrEqual(SCREEN.width)
      expect(await width()).toBeLessThanOrEqual(PAPER.width)
    })

    test('an artist sees their months, and nobody else does', async () => {
      const asked = { artistId: ARTIST, month: MONTH }
      const { artist: seen } = await artist.data('RoyaltyLedger', asked)

      expect(seen?.['royalties']).toMatchObject({
        streams: expect.any(Number),
        entries: { nodes: expect.any(Array) },
      })
      expect((await admin.data('RoyaltyLedger', asked))['artist']?.['royalties']).toEqual(seen?.['royalties'])
      expect((await premium.data('RoyaltyLedger', asked))['artist']).toEqual({ royalties: null })
    })

    test('rights in a recording are set by an administrator', async () => {
      const input = {
        ...{ trackId: derivedId('track', 'demo:none'), from: '2027-01-01' },
        shares: [{ holderKey: ARTIST, basisPoints: 10_000 }],
      }

      expect((await admin.data('RightsSet', { input }))['rightsSet']).toMatchObject({
        agreement: { side: 'RECORDING', from: '2027-01-01' },
      })
      expect(codes((await premium.data('RightsSet', { input }))['rightsSet'])).toEqual(['FORBIDDEN'])
    })
  })
}
